import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { FileLog } from '../log/file-log'
import { TracedLog } from './traced-log'

const newFolder = temporaryFolders()

async function logIn(folder: string): Promise<TracedLog> {
  return new TracedLog(await FileLog.open(folder))
}

const letters = (text: string): Uint8Array[] => text.split('').map((letter) => Buffer.from(letter))

it('knows of each record what led to it, until everybody has read it', async () => {
  const log = await logIn(newFolder())
  await log.append(letters('ab'), 'first')
  await log.append(letters('c'))
  await log.append(letters('de'), 'second')
  expect([log.first, log.end]).toEqual([0, 5])
  expect((await log.read(1, 1000)).map(String)).toEqual(['98', '99', '100', '101'])
  expect(log.traceParents).toEqual(['first', undefined, 'second', 'second'])
  log.forgetParents()
  await log.read(0, 1000)
  expect(log.traceParents).toEqual([])
  await log.append(letters('f'), 'third')
  await log.read(5, 1000)
  expect(log.traceParents).toEqual(['third'])
  await log.file.close()
})

it('knows nothing of what lay there before, or was appended with nothing that led to it', async () => {
  const folder = newFolder()
  const before = await logIn(folder)
  expect(before.traceParents).toEqual([])
  await before.append(letters('ab'), 'first')
  await before.file.close()
  const log = await logIn(folder)
  await log.append(letters('c'))
  await log.append(letters('d'), 'second')
  await log.read(0, 1000)
  expect(log.traceParents).toEqual([undefined, undefined, undefined, 'second'])
  await log.file.close()
})

it('keeps none of it in its files, which are the same with traces and without', async () => {
  const [traced, plain] = [newFolder(), newFolder()]
  for (const [folder, parent] of [
    [traced, 'first'],
    [plain, undefined],
  ] as const) {
    const log = await logIn(folder)
    await log.append(letters('ab'), parent)
    await log.flush()
    await log.file.close()
  }
  const bytesIn = (folder: string): Buffer[] =>
    readdirSync(folder).map((name) => readFileSync(join(folder, name)))
  expect(bytesIn(traced)).toEqual(bytesIn(plain))
  const again = await logIn(traced)
  await again.read(0, 1000)
  expect(again.traceParents).toEqual([])
  await again.file.close()
})
