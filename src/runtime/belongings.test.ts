import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { FormatError, SettingsError, UnreachableError, UsageError } from '../model/errors'
import { stateFormat } from '../model/formats'
import { defaultPolicy } from '../policy/policy'
import { Belongings, policyVersionOf } from './belongings'

const newFolder = temporaryFolders()
const settings = { policy: defaultPolicy, key: new Uint8Array(32) }

it('goes on under the same policy and key', async () => {
  const folder = newFolder()
  await Belongings.open(folder, settings)
  await Belongings.open(folder, settings)
  expect(readdirSync(folder)).toEqual(['state.json'])
  expect(await policyVersionOf(folder)).toBe(defaultPolicy.version)
})

it('looks at what a folder was begun with and changes nothing', async () => {
  const [begun, empty] = [newFolder(), newFolder()]
  await Belongings.open(begun, settings)
  await Belongings.check(begun, settings)
  await expect(Belongings.check(begun, { ...settings, key: new Uint8Array(32).fill(1) })).rejects.toThrow(
    'give that --key-file, or another --state folder',
  )
  await expect(Belongings.check(empty, settings)).rejects.toThrow(SettingsError)
  await expect(Belongings.check(empty, settings)).rejects.toThrow(
    /holds no state of assay; name the --state folder/,
  )
  await expect(policyVersionOf(empty)).rejects.toThrow(UnreachableError)
  await expect(policyVersionOf(empty)).rejects.toThrow(/holds no state; name the folder that was given to/)
  expect(readdirSync(empty)).toEqual([])
})

it('refuses another policy, even one of the same name, another key and another format', async () => {
  const folder = newFolder()
  await Belongings.open(folder, settings)
  const other = { ...defaultPolicy, oneWrongIn: 77 }
  await expect(Belongings.open(folder, { ...settings, policy: other })).rejects.toThrow(SettingsError)
  await expect(Belongings.open(folder, { ...settings, policy: other })).rejects.toThrow(
    /begun under the policy default-1, and default-1 is not the same; give that one, or judge the events anew/,
  )
  await expect(Belongings.open(folder, { ...settings, key: new Uint8Array(32).fill(1) })).rejects.toThrow(
    /begun with another key/,
  )
  writeFileSync(join(folder, 'state.json'), '{"format":0}')
  await expect(Belongings.open(folder, settings)).rejects.toThrow(
    /has format 0, this assay writes \d+: an older/,
  )
  writeFileSync(join(folder, 'state.json'), `{"format":${stateFormat + 1}}`)
  await expect(Belongings.open(folder, settings)).rejects.toThrow(FormatError)
  await expect(Belongings.open(folder, settings)).rejects.toThrow(/a newer assay has left it/)
  for (const text of ['{"format"', 'null', '{}', `{"format":${stateFormat}}`]) {
    writeFileSync(join(folder, 'state.json'), text)
    await expect(Belongings.open(folder, settings)).rejects.toThrow(/is not what assay wrote there/)
  }
})

it('takes no folder whose state it cannot read for an empty one', async () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'state.json'))
  await expect(Belongings.open(folder, settings)).rejects.toThrow(/EISDIR/)
  await expect(Belongings.check(folder, settings)).rejects.toThrow(/EISDIR/)
})

it('refuses to go on with a vault where there was none, and without where there was one', async () => {
  const [named, sealed] = [newFolder(), newFolder()]
  await Belongings.open(named, settings)
  await Belongings.open(sealed, { ...settings, isSealed: true })
  await Belongings.open(sealed, { ...settings, isSealed: true })
  await expect(Belongings.open(named, { ...settings, isSealed: true })).rejects.toThrow(
    /begun without a vault/,
  )
  await expect(Belongings.open(sealed, settings)).rejects.toThrow(/begun with a vault .* name the --vault/)
})

it('claims a file that is empty, keeps it, and refuses one that holds what the state did not write', async () => {
  const folder = newFolder()
  const belongings = await Belongings.open(folder, settings)
  await expect(belongings.claim('verdicts.ndjson', 3)).rejects.toThrow(UsageError)
  await belongings.claim('verdicts.ndjson', 0)
  await belongings.claim('verdicts.ndjson', 3)
  const again = await Belongings.open(folder, settings)
  await again.claim('verdicts.ndjson', 3)
  // A folder that was moved with its files has them still.
  await again.claim(join(folder, 'beside.ndjson'), 0)
  const moved = newFolder()
  renameSync(folder, join(moved, 'state'))
  const there = await Belongings.open(join(moved, 'state'), settings)
  await there.claim(join(moved, 'state', 'beside.ndjson'), 3)
  await expect(there.claim('other.ndjson', 1)).rejects.toThrow(
    /other.ndjson holds 1 lines that the state in .* did not write; name another file, or remove that one/,
  )
})

it('takes no folder with logs for an empty one where only its state.json is gone', async () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'events'))
  await expect(Belongings.open(folder, settings)).rejects.toThrow(
    /holds logs, but not the state.json that says under which policy and key they were begun; put it back/,
  )
  expect(readdirSync(folder)).toEqual(['events'])
})
