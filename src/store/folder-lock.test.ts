import { readdirSync, readFileSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandOf, start } from '../../test/support/child'
import { temporaryFolders } from '../../test/support/temporary'
import { FolderLock, FolderLockedError } from './folder-lock'

const newFolder = temporaryFolders()
const locksIn = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('lock.'))
const foreign = 'lock.00000000-0000-4000-8000-000000000000'

/** What our own lock looks like, with some of it changed: the lock of somebody else. */
async function ownerLike(folder: string, changes: object): Promise<string> {
  const lock = await FolderLock.acquire(folder)
  const me = JSON.parse(readFileSync(join(folder, locksIn(folder)[0]!), 'utf8')) as object
  await lock.release()
  return JSON.stringify({ ...me, ...changes })
}

it('a folder is held by one at a time, and free again after the release', async () => {
  const folder = join(newFolder(), 'state')
  const lock = await FolderLock.acquire(folder)
  await expect(FolderLock.acquire(folder)).rejects.toThrow(FolderLockedError)
  await lock.release()
  const again = await FolderLock.acquire(folder)
  await again.release()
  expect(locksIn(folder)).toEqual([])
})

it('the error names the process that holds the folder and what to do', async () => {
  const folder = newFolder()
  const child = start(commandOf('hold-lock.ts', folder))
  expect(await child.nextLine()).toBe('held')
  await expect(FolderLock.acquire(folder)).rejects.toThrow(
    `${folder} is in use by process ${child.process.pid!} on ${hostname()}; stop that process first`,
  )
  child.process.stdin!.end()
  await child.ended
  await (await FolderLock.acquire(folder)).release()
})

it('the lock of a killed process is taken over at once', async () => {
  const folder = newFolder()
  const child = start(commandOf('hold-lock.ts', folder))
  expect(await child.nextLine()).toBe('held')
  child.process.kill('SIGKILL')
  await child.ended
  // Nobody has the time to wait for its silence.
  const lock = await FolderLock.acquire(folder, { silentMs: 3_600_000 })
  expect(locksIn(folder)).toHaveLength(1)
  await lock.release()
})

it('a process number that was given to another process does not keep the lock alive', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, foreign), await ownerLike(folder, { started: '1' }))
  const lock = await FolderLock.acquire(folder)
  expect(locksIn(folder)).not.toContain(foreign)
  await lock.release()
})

describe.each([
  ['from before a restart of the machine', { bootId: 'another' }],
  ['of another container', { namespace: 'pid:[1]' }],
])('a lock %s', (_where, changes) => {
  it('is taken over when its owner has been silent for long', async () => {
    const folder = newFolder()
    const path = join(folder, foreign)
    writeFileSync(path, await ownerLike(folder, changes))
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(path, longAgo, longAgo)
    await (await FolderLock.acquire(folder)).release()
    expect(locksIn(folder)).toEqual([])
  })

  it('is taken over after a wait when its owner has only just fallen silent', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, foreign), await ownerLike(folder, changes))
    const before = performance.now()
    const lock = await FolderLock.acquire(folder, { silentMs: 400 })
    expect(performance.now() - before).toBeGreaterThan(350)
    await lock.release()
  })

  it('is respected while its owner touches it', async () => {
    const folder = newFolder()
    const text = await ownerLike(folder, { ...changes, pid: 17, host: 'elsewhere' })
    const path = join(folder, foreign)
    writeFileSync(path, text)
    const touching = setInterval(() => {
      writeFileSync(path, text)
    }, 50)
    await expect(FolderLock.acquire(folder, { silentMs: 2000 })).rejects.toThrow('process 17 on elsewhere')
    clearInterval(touching)
  })
})

it('a lock whose text a loss of power has eaten is taken over after the silence', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, foreign), '')
  const lock = await FolderLock.acquire(folder, { silentMs: 200 })
  await lock.release()
})

it('an owner whose lock was taken away is told once, so that it can end', async () => {
  const folder = newFolder()
  const errors: Error[] = []
  const lock = await FolderLock.acquire(folder, { touchEveryMs: 20, onLost: (error) => errors.push(error) })
  unlinkSync(join(folder, locksIn(folder)[0]!))
  await sleep(150)
  expect(errors.map((error) => error.message)).toEqual([expect.stringContaining('this one must end')])
  await lock.release()
})

it('an owner that leaves is not told that it lost', async () => {
  for (let round = 0; round < 20; round++) {
    const errors: Error[] = []
    const lock = await FolderLock.acquire(newFolder(), {
      touchEveryMs: 1,
      onLost: (error) => errors.push(error),
    })
    await sleep(round % 4)
    await lock.release()
    await sleep(2)
    expect(errors).toEqual([])
  }
})

it('of many who want a folder at once at most one gets it, beside a stale lock too', async () => {
  for (let round = 0; round < 10; round++) {
    const folder = newFolder()
    writeFileSync(join(folder, foreign), await ownerLike(folder, { started: '1' }))
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => FolderLock.acquire(folder)))
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(won.length).toBeLessThanOrEqual(1)
    for (const { value } of won) await value.release()
  }
})

it('of several processes started together at most one gets the folder', async () => {
  const folder = newFolder()
  const children = Array.from({ length: 4 }, () => start(commandOf('hold-lock.ts', folder)))
  const answers = await Promise.all(children.map((child) => child.nextLine()))
  expect(answers.filter((answer) => answer === 'held').length).toBeLessThanOrEqual(1)
  for (const child of children) child.process.kill('SIGKILL')
  await Promise.all(children.map((child) => child.ended))
})

it('a lock from before the clock was set back is taken over after the silence, and not after the time it was set back', async () => {
  const folder = newFolder()
  const path = join(folder, foreign)
  writeFileSync(path, await ownerLike(folder, { bootId: 'before the restart' }))
  const inAnHour = Date.now() / 1000 + 3600
  utimesSync(path, inAnHour, inAnHour)
  const startMs = performance.now()
  const lock = await FolderLock.acquire(folder, { silentMs: 200 })
  expect(performance.now() - startMs).toBeLessThan(30_000)
  await lock.release()
})
