import { isDeepStrictEqual } from 'node:util'
import { DecideView } from '../decide/decide-view'
import type { Policy } from '../policy/policy'
import { policySeen } from '../policy/policy-seen'
import { AccountView } from '../views/account/account-view'
import { ActorView, defaultActorViewOptions } from '../views/actor/actor-view'
import { CrewView } from '../views/crew/crew-view'
import { NetworkView } from '../views/network/network-view'
import { TraceView } from '../views/trace/trace-view'
import type { View } from './view'

/** The views between raw events and verdicts. */
export interface Views {
  readonly actor: ActorView
  readonly trace: TraceView
  readonly crew: CrewView
  readonly network: NetworkView
  readonly account: AccountView
  readonly decide: DecideView
}

/** Their names, in the order of the path. */
export const viewNames = ['actor', 'trace', 'crew', 'network', 'account', 'decide'] as const

/** What each view remembers and what fell out of it, for the books and the metrics: plain data. */
export type ViewStats = { readonly [name in keyof Views]: Views[name]['stats'] }

/**
 * The views that can work beside each other, each group on a thread; what is in none stays with the caller. Within a
 * group each view reads what the one before it writes, and nobody outside reads that.
 */
export const threadGroups: readonly (readonly (keyof Views)[])[] = [
  ['trace', 'crew', 'network'],
  ['account', 'decide'],
]

/** Logs that views write and other views read. */
export const innerLogs = ['accounts', 'acts', 'ties', 'clusters', 'findings'] as const
/** What comes out at the end, as lines of JSON. */
export const lineOutputs = ['verdicts', 'corrections', 'surges', 'chain'] as const
export type LogName = 'events' | (typeof innerLogs)[number] | (typeof lineOutputs)[number]

/** A view, the logs that it reads, and those that it alone writes; both in the order of the numbers it knows them by. */
export interface Stage<Log extends string = LogName> {
  readonly view: View
  readonly inputs: readonly Log[]
  readonly outputs: readonly Log[]
}

/**
 * Which view reads what, and what becomes of it: the same in memory, in a folder and on a cluster.
 *
 * ```
 *  events → actor → accounts ─┬─────────────────────────────────────────────→ account → findings → decide → verdicts …
 *                             └→ trace → acts → crew → ties → network → clusters ──┴──────────────────┘
 * ```
 */
const topology: Readonly<Record<keyof Views, Pick<Stage, 'inputs' | 'outputs'>>> = {
  actor: { inputs: ['events'], outputs: ['accounts'] },
  trace: { inputs: ['accounts'], outputs: ['acts'] },
  crew: { inputs: ['acts'], outputs: ['ties'] },
  network: { inputs: ['ties'], outputs: ['clusters'] },
  account: { inputs: ['accounts', 'clusters'], outputs: ['findings'] },
  decide: { inputs: ['findings', 'clusters'], outputs: lineOutputs },
}

/** The stages of some views, in the order of the path. */
export function stagesOf(views: Views, names: readonly (keyof Views)[] = viewNames): readonly Stage[] {
  return viewNames
    .filter((name) => names.includes(name))
    .map((name) => ({ view: views[name], ...topology[name] }))
}

/** A stage that is not made yet: plain data, so that it can go to the thread that it is to run on. */
export interface PlannedStage<Log extends string = LogName> extends Omit<Stage<Log>, 'view'> {
  readonly name: keyof Views
  readonly policy: Policy
  /** Whether it runs beside the stage that its view has anyway, so that its figures are nobody's. */
  readonly isBeside?: boolean
}

/** All stages under one policy, in the order of the path. */
export function planOf(policy: Policy): readonly PlannedStage[] {
  return viewNames.map((name) => ({ name, policy, ...topology[name] }))
}

/** Makes stages that were planned, with views that know nothing yet; `key` is the secret of all hashes. */
export function makeStages<Log extends string>(
  plan: readonly PlannedStage<Log>[],
  key: Uint8Array,
): { readonly stages: readonly Stage<Log>[]; readonly stats: () => Partial<ViewStats> } {
  const made = plan.map(({ name, policy, ...stage }) => ({ ...stage, name, view: makers[name](policy, key) }))
  const told = made.filter(({ isBeside }) => isBeside !== true)
  return { stages: made, stats: () => Object.fromEntries(told.map(({ name, view }) => [name, view.stats])) }
}

/** The logs that some stages read. */
export function inputsOf<Log extends string>(
  stages: readonly Pick<Stage<Log>, 'inputs'>[],
): ReadonlySet<Log> {
  return new Set(stages.flatMap(({ inputs }) => inputs))
}

/**
 * Views that know nothing yet; `key` is the secret of all hashes. Each is made when it is first asked for, since whoever
 * runs one of them has no use for the tables of the others.
 */
export function makeViews(policy: Policy, key: Uint8Array): Views {
  const views = {} as Views
  for (const name of viewNames) {
    let view: Views[typeof name] | undefined
    Object.defineProperty(views, name, { enumerable: true, get: () => (view ??= makers[name](policy, key)) })
  }
  return views
}

const makers: { readonly [name in keyof Views]: (policy: Policy, key: Uint8Array) => Views[name] } = {
  actor: ({ epochMs }) => new ActorView({ ...defaultActorViewOptions, epochMs }),
  trace: (policy, key) => new TraceView({ key, policy }),
  crew: () => new CrewView(),
  network: (policy) => new NetworkView(policy),
  account: (policy) =>
    new AccountView({ partition: 0, originCap: 2_000_000, policy, waitsFor: [sources.network] }),
  decide: (policy) => new DecideView(policy, [sources.account, sources.network]),
}

/** What the views that others wait for call themselves: who waits need not have them. */
const sources = { account: 'account/0', network: 'network/0' } as const

function seenBy<Name extends keyof typeof policySeen>(
  name: Name,
  policy: Policy,
): Pick<Policy, (typeof policySeen)[Name][number]> {
  const seen = policySeen[name].map((part) => [part, policy[part]] as const)
  return Object.fromEntries(seen) as Pick<Policy, (typeof policySeen)[Name][number]>
}

/** Whether a view does the same under both policies, as long as it reads the same. */
export function doesTheSame(name: keyof Views, one: Policy, other: Policy): boolean {
  return name !== 'decide' && isDeepStrictEqual(seenBy(name, one), seenBy(name, other))
}

/** The figures of some of the views. */
export function statsOf<Name extends keyof Views>(
  views: Views,
  names: readonly Name[],
): Pick<ViewStats, Name> {
  return Object.fromEntries(names.map((name) => [name, views[name].stats])) as Pick<ViewStats, Name>
}
