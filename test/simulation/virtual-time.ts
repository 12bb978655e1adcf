import { createRequire } from 'node:module'
import type { Scheduler, Turn } from './scheduler'

const timersPromises = createRequire(__filename)('node:timers/promises') as Record<string, unknown>

/**
 * Puts the clock and the timers of a scheduler in the place of those of the process, as long as a simulation runs: the
 * code under test reads no other. Gives the way back. A chance of its own is none for it: `Math.random` is refused.
 */
export function installVirtualTime(
  scheduler: Scheduler,
  { startMs }: { readonly startMs: number },
): () => void {
  const undo: (() => void)[] = []
  const replace = (target: object, name: string, value: unknown): void => {
    const before = Object.getOwnPropertyDescriptor(target, name)
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: true })
    undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(target, name)
      else Object.defineProperty(target, name, before)
    })
  }
  const timer = (run: () => void, delayMs = 0): Timer => new Timer(scheduler.after(delayMs, run))
  const clear = (given?: unknown): void => {
    if (given instanceof Timer) given.cancel()
  }
  const every = (run: () => void, everyMs: number): Timer => {
    const repeat = (): void => {
      handle.turn = scheduler.after(everyMs, repeat)
      run()
    }
    const handle = new Timer(scheduler.after(everyMs, repeat))
    return handle
  }
  replace(
    globalThis,
    'setTimeout',
    (run: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) =>
      timer(() => {
        run(...args)
      }, delayMs),
  )
  replace(globalThis, 'setInterval', every)
  // Work takes time, so that those who give way to others come later than those.
  replace(globalThis, 'setImmediate', (run: () => void) => timer(run, scheduler.chance.between(0.1, 5)))
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) replace(globalThis, name, clear)
  replace(performance, 'now', () => scheduler.nowMs)
  replace(Date, 'now', () => Math.floor(startMs + scheduler.nowMs + scheduler.current.clockOffMs))
  replace(Math, 'random', () => {
    throw new Error('a simulation has one source of chance, and this is another one')
  })
  replace(
    timersPromises,
    'setTimeout',
    (delayMs?: number, value?: unknown, { signal }: { readonly signal?: AbortSignal } = {}) =>
      new Promise((resolve, reject) => {
        const abort = (): void => {
          waiting.cancel()
          reject(new Error('aborted'))
        }
        const waiting = timer(() => {
          signal?.removeEventListener('abort', abort)
          resolve(value)
        }, delayMs)
        if (signal?.aborted === true) abort()
        else signal?.addEventListener('abort', abort)
      }),
  )
  return () => {
    for (const step of undo.reverse()) step()
  }
}

/** What `setTimeout` gives. */
class Timer {
  constructor(public turn: Turn) {}

  cancel(): void {
    this.turn.isCancelled = true
  }

  unref(): this {
    return this
  }

  ref(): this {
    return this
  }
}
