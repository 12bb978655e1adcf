import { randomUUID } from 'node:crypto'
import { open, readdir, readFile, readlink, stat, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder } from '../log/files'

/** Another process works in the folder. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError'
}

export interface FolderLockOptions {
  /** Called once when the lock is found to be gone: the process must not write any more and should end. */
  readonly onLost?: (error: Error) => void
  /** How often an owner shows that it lives. */
  readonly touchEveryMs?: number
  /** An owner that cannot be seen from here and has not shown itself for this long is taken for dead. */
  readonly silentMs?: number
}

/**
 * Holds a folder for one process. Everybody who wants it first puts down a file of his own and then looks whether
 * another lies there whose owner lives: two can give way to each other, never can both go on. A dead owner's file is
 * removed on sight. Where its process cannot be seen, in another container or before a restart of the machine, an
 * owner counts as alive while it keeps touching its file.
 */
export class FolderLock {
  private readonly touching: NodeJS.Timeout
  private gone = false
  private onLost: (error: Error) => void = () => undefined

  private constructor(
    private readonly path: string,
    private readonly text: string,
    touchEveryMs: number,
  ) {
    this.touching = setInterval(() => {
      // Whatever else goes wrong, a full disk say, gives the lock to nobody.
      this.touch().catch(() => undefined)
    }, touchEveryMs)
    this.touching.unref()
  }

  /** Takes the folder, which is created where it is missing; rejects with an error that names a living owner. */
  static async acquire(folder: string, options: FolderLockOptions = {}): Promise<FolderLock> {
    const { onLost = () => undefined, touchEveryMs = 3_000, silentMs = 15_000 } = options
    await makeFolder(folder)
    const me = await describeMyself()
    const text = JSON.stringify(me) + '\n'
    for (let attempt = 1; ; attempt++) {
      const path = join(folder, `lock.${randomUUID()}`)
      await putDown(path, text)
      const lock = new FolderLock(path, text, touchEveryMs)
      const living = await findLiving(folder, { path, me, silentMs })
      if (living === undefined && (await lock.touch())) {
        lock.onLost = onLost
        return lock
      }
      await lock.release()
      if (attempt >= attempts && living !== undefined) {
        throw new FolderLockedError(
          `${folder} is in use by process ${living.pid} on ${living.host}; stop that process first, ` +
            'or give this one a folder of its own',
        )
      }
      // It may be somebody who gives way to us at this moment; a random pause lets one of both be first.
      await sleep(20 + Math.random() * 80)
    }
  }

  async release(): Promise<void> {
    clearInterval(this.touching)
    // A touch that is under way must not take our own leaving for a loss.
    this.gone = true
    await unlink(this.path).catch(ignoreMissing)
  }

  /** Shows that the owner lives; resolves with whether the lock is still there. */
  private async touch(): Promise<boolean> {
    try {
      // By writing, so that the time comes from the clock of the file system, which all who look at it share.
      const handle = await open(this.path, 'r+')
      try {
        await handle.write(this.text, 0)
      } finally {
        await handle.close()
      }
    } catch (cause) {
      if (!isMissing(cause)) throw cause
      clearInterval(this.touching)
      if (!this.gone) {
        this.gone = true
        this.onLost(
          new FolderLockedError(
            `the lock ${this.path} was removed, since this process was taken for dead; ` +
              'another one may be at work in the folder, so this one must end',
            { cause },
          ),
        )
      }
    }
    return !this.gone
  }
}

/** Enough to tell a living owner from a dead one, even when its process number was given to another process. */
interface Owner {
  readonly pid: number
  readonly host: string
  /** When the process started, in ticks since the machine did; empty where the system does not say. */
  readonly started: string
  /** Changes whenever the machine starts; empty where the system does not say. */
  readonly bootId: string
  /** Where its process number means something: differs between containers; empty where there is no such thing. */
  readonly namespace: string
}

const attempts = 4
const lockPattern = /^lock\.[0-9a-f-]{36}$/

/** Writes a lock; where there is no room for it, an empty one would keep the next start waiting. */
async function putDown(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    await unlink(path).catch(() => undefined)
    throw error
  }
}

async function describeMyself(): Promise<Owner> {
  const orEmpty = () => ''
  return {
    pid: process.pid,
    host: hostname(),
    started: (await startOf(process.pid)) ?? '',
    bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(orEmpty)).trim(),
    namespace: await readlink('/proc/self/ns/pid').catch(orEmpty),
  }
}

/** The first owner of another lock who lives; the locks of dead ones are removed on the way. */
async function findLiving(
  folder: string,
  { path, me, silentMs }: { path: string; me: Owner; silentMs: number },
): Promise<Owner | undefined> {
  const nowMs = await touchTime(path)
  if (nowMs === undefined) return undefined
  for (const name of await readdir(folder)) {
    const other = join(folder, name)
    if (other === path || !lockPattern.test(name)) continue
    const owner = await readOwner(other)
    if (owner === undefined) continue
    const seen = owner.bootId === me.bootId && owner.namespace === me.namespace
    if (seen ? await isRunning(owner) : await showsItself(other, { nowMs, silentMs })) return owner
    await unlink(other).catch(ignoreMissing)
  }
  return undefined
}

/** Who put a lock down; undefined when it has just been taken away. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner
  } catch (error) {
    if (isMissing(error)) return undefined
    // Half written, by a living one or before a loss of power: its touches will tell.
    if (error instanceof SyntaxError)
      return { pid: 0, host: 'another machine', started: '', bootId: '?', namespace: '' }
    throw error
  }
}

async function isRunning(owner: Owner): Promise<boolean> {
  if (owner.started !== '') return (await startOf(owner.pid)) === owner.started
  try {
    process.kill(owner.pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process started, in ticks since the machine did; undefined when there is none, or it has ended. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    // The name in brackets may itself hold brackets and blanks; the fields after it are plain.
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** Whether a lock is touched before its owner has been silent for too long; waits as long as that takes to tell. */
async function showsItself(
  path: string,
  { nowMs, silentMs }: { nowMs: number; silentMs: number },
): Promise<boolean> {
  const touchedMs = await touchTime(path)
  if (touchedMs === undefined) return false
  const lookEveryMs = Math.min(250, silentMs / 4)
  // From now on at the earliest: a clock that was set back since would have us wait for as long as it was.
  for (let silentForMs = Math.max(0, nowMs - touchedMs); silentForMs < silentMs; silentForMs += lookEveryMs) {
    await sleep(lookEveryMs)
    const again = await touchTime(path)
    if (again === undefined) return false
    if (again !== touchedMs) return true
  }
  return false
}

async function touchTime(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error
}
