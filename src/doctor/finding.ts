import { SettingsError } from '../model/errors'

/** What was looked at in a set-up, and how it is. */
export interface Finding {
  /** What kind of thing was looked at, such as `kafka.login`. */
  readonly check: string
  /** Which one: a broker, a topic, a file; empty where there is one only. */
  readonly of: string
  readonly status: Status
  readonly found: string
  /** What it should be; empty where anything will do. */
  readonly expected: string
  /** What comes of it and what to do; empty where nothing is to be done. */
  readonly advice: string
  /** Of a problem, what it takes to mend it: something that has to answer, or something that has to be changed. */
  readonly cause?: Cause
}

export type Status = 'ok' | 'warning' | 'problem'
export type Cause = 'unreachable' | 'wrong'

/** Takes a finding as soon as it is there, so that what comes later may fail. */
export type Report = (finding: Finding) => void

type Seen = Pick<Finding, 'check' | 'found'> & Partial<Finding>

export function fine({ check, of = '', status = 'ok', found, expected = '', advice = '' }: Seen): Finding {
  return { check, of, status, found, expected, advice }
}

export function warning(seen: Seen): Finding {
  return { ...fine(seen), status: 'warning' }
}

/** Something has to be changed. */
export function wrong(seen: Seen): Finding {
  return { ...fine(seen), status: 'problem', cause: 'wrong' }
}

/** Something has to answer. */
export function unreachable(seen: Seen): Finding {
  return { ...fine(seen), status: 'problem', cause: 'unreachable' }
}

/** A check that could not be made, by the error that it ended with. */
export function failed(seen: Omit<Seen, 'found'>, error: unknown): Finding {
  const found = error instanceof Error ? error.message : String(error)
  return (error instanceof SettingsError ? wrong : unreachable)({ ...seen, found })
}
