import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../temporary'
import { madeOnce, runToEnd } from './install'

describe('what is fetched', () => {
  const newFolder = temporaryFolders()

  beforeEach(() => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true)
  })
  afterEach(() => {
    jest.restoreAllMocks()
  })

  /** Two files, of which somebody who is killed in between leaves only the first. */
  async function makeTwo(aside: string): Promise<void> {
    writeFileSync(join(aside, 'first'), '1')
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(join(aside, 'second'), '2')
  }

  it('is made once', async () => {
    const folder = join(newFolder(), 'thing')
    const make = jest.fn(makeTwo)
    expect(await madeOnce(folder, make)).toBe(folder)
    expect(await madeOnce(folder, make)).toBe(folder)
    expect(make).toHaveBeenCalledTimes(1)
    expect(readdirSync(folder)).toEqual(['first', 'second'])
  })

  it('is whole for everybody when two make it at a time', async () => {
    const parent = newFolder()
    const folder = join(parent, 'thing')
    const seen = async () => readdirSync(await madeOnce(folder, makeTwo))
    expect(await Promise.all([seen(), seen()])).toEqual([
      ['first', 'second'],
      ['first', 'second'],
    ])
    expect(readdirSync(parent)).toEqual(['thing'])
  })

  it('is tried again when it failed, and nothing half made is left', async () => {
    const parent = newFolder()
    const folder = join(parent, 'thing')
    const fail = async (aside: string) => {
      await makeTwo(aside)
      throw new Error('no network')
    }
    await expect(madeOnce(folder, fail)).rejects.toThrow('no network')
    expect(readdirSync(parent)).toEqual([])
    await madeOnce(folder, makeTwo)
    expect(readFileSync(join(folder, 'second'), 'utf8')).toBe('2')
  })

  it('is cleared of what killed processes left an hour ago, not of what others are making now', async () => {
    const parent = newFolder()
    const [old, young] = [3_700_000, 3_500_000].map((agoMs) => `thing.${Date.now() - agoMs}.unfinished`)
    for (const name of [old!, young!]) {
      mkdirSync(join(parent, name))
      // What is unpacked into a folder makes it as old as it is itself.
      utimesSync(join(parent, name), 0, 0)
    }
    await madeOnce(join(parent, 'thing'), makeTwo)
    expect(readdirSync(parent).sort()).toEqual([young, 'thing'].sort())
  })

  it('fails with what the command said', async () => {
    await expect(runToEnd('/bin/sh', ['-c', 'echo no such version >&2; exit 3'])).rejects.toThrow(
      'no such version',
    )
  })
})
