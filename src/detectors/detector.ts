import type { SeriesKind } from '../model/event'
import type { Finding } from '../model/finding'
import type { Condition } from '../model/nearest'
import type { Offence } from '../model/records'
import type { ControlHistory } from './control'

/** Recognises one offence in the measured history of one subject. Pure: no clock, no state, no I/O. */
export interface Detector<History, Params, Found = Finding> {
  /** The folder, the metric label and the name in a verdict. */
  readonly name: string
  /** Raised when the meaning of the score changes. */
  readonly version: number
  readonly offence: Offence
  /** One sentence for an analyst. */
  readonly summary: string
  readonly params: ParamsSchema<Params>

  judge(history: History, params: Params): Found | undefined

  /** What `judge` asks for, one by one, and what the history has of it; without it nobody is told how near he came. */
  conditions?(history: History, params: Params): readonly Condition[]
}

/** Type, default, bounds and meaning of each setting of a detector. */
export type ParamsSchema<Params> = { readonly [Name in keyof Params]: Setting }

export interface Setting {
  readonly default: number
  readonly min: number
  readonly max: number
  readonly meaning: string
}

/**
 * A detector over the history of an account, whatever its settings: whoever runs it hands it what its own schema
 * describes.
 */
export type AccountDetector = Detector<AudienceHistory, object>

/** What all detectors have, whatever they are shown. */
export type AnyDetector = Pick<AccountDetector, 'name' | 'version' | 'offence' | 'summary' | 'params'>

/**
 * Settings of a detector as a policy has them: its own, and its mode. `off`: it is not asked; `shadow`: it is on trial,
 * its verdicts are published and count for nothing; `live`: they count.
 */
export interface DetectorSettings {
  readonly mode: (typeof modes)[number]
}
export const modes = ['off', 'shadow', 'live'] as const

/** What was measured of one account and kind in one window, and what is usual. */
export interface AudienceHistory {
  readonly accountId: string
  readonly kind: SeriesKind
  readonly window: { readonly start: number; readonly end: number }
  readonly count: number
  /** How many of the events carry a trait; by its place in `traits`. */
  readonly traits: ArrayLike<number>
  /** Distinct networks among the events from dense ones (estimated, exact up to about ten). */
  readonly denseNetworks: number
  /** The share of a trait among honest events; undefined while the platform has shown too little. */
  reference(trait: number): Reference | undefined
  readonly surprise: { readonly observed: number; readonly expected: number; readonly pValue: number }
  /** What was measured of who may have arranged it; dear, and asked for where something was found. */
  readonly control?: ControlHistory
  /** A few of the events that look least like an audience. */
  readonly eventIds: readonly string[]
}

/** A share and how firmly it is known: `mean` and `concentration` of the beta distribution of honest shares. */
export interface Reference {
  readonly mean: number
  readonly concentration: number
}

/** The defaults of a schema, as the settings of its detector. */
export function defaultsOf<Params>(schema: ParamsSchema<Params>): Params {
  return Object.fromEntries(settingsOf(schema).map(([name, setting]) => [name, setting.default])) as Params
}

/** The settings of a schema, one by one. */
export function settingsOf(schema: object): [name: string, setting: Setting][] {
  return Object.entries(schema as Record<string, Setting>)
}
