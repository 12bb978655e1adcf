import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startAssay } from './cli'
import type { Ended, RunOptions } from './cli'

/** Bytes of the event log in a state folder: how far a run has come. */
export function eventLogBytes(state: string): number {
  const folder = join(state, 'events')
  if (!existsSync(folder)) return 0
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}

export interface Moment {
  /** Bytes of the event log from which on it happens. */
  readonly atBytes: number
  readonly delayMs?: number
}

/** Starts a command and sends it a signal when its event log has grown to some size; gives how it ended. */
export async function signalledRun(
  args: readonly string[],
  state: string,
  { atBytes, delayMs = 0, signal, ...options }: Moment & RunOptions & { readonly signal: NodeJS.Signals },
): Promise<Ended> {
  const running = startAssay(args, options)
  while (running.process.exitCode === null && eventLogBytes(state) < atBytes) await sleep(3)
  await sleep(delayMs)
  running.process.kill(signal)
  return running.ended
}

/** Starts a command and kills it in the same way; gives undefined, or its end if that was first. */
export async function killedRun(
  args: readonly string[],
  state: string,
  options: Moment & RunOptions,
): Promise<Ended | undefined> {
  const ended = await signalledRun(args, state, { ...options, signal: 'SIGKILL' })
  return ended.signal === 'SIGKILL' ? undefined : ended
}
