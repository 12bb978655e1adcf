import { cpSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { SettingsError, UnreachableError, UsageError } from '../model/errors'
import { allNames, eraseNames, expireNames, rewriteVault } from './rewrite'
import { unsealLines } from './unseal'
import { makeKeyPair, pseudonymOf, readPrivateKey, Vault, weekMs } from './vault'
import { VaultWriter } from './vault-writer'

const newFolder = temporaryFolders()

async function newVault() {
  const folder = newFolder()
  const vault = await Vault.create(join(folder, 'vault'), join(folder, 'private.pem'))
  return { folder, vault, privateKeys: [await readPrivateKey(join(folder, 'private.pem'))] }
}

/** The pseudonym of a test's person is its number, so that nothing has to be hashed. */
function take(writer: VaultWriter, person: number, timeMs: number): void {
  const id = Buffer.from(`person-${person}`)
  writer.take(7, person, id, 0, id.length, timeMs)
}

async function idsIn({ vault, privateKeys }: Awaited<ReturnType<typeof newVault>>): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of allNames(vault, privateKeys)) ids.push(Buffer.from(id).toString())
  return ids
}

/** Everything that lies in a folder, as one text. */
function bytesIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n')
}

it('gives names back to whoever has the private key, and shows nobody else any', async () => {
  const { folder, vault, privateKeys } = await newVault()
  const writer = await VaultWriter.open(vault)
  for (let person = 0; person < 5000; person++) take(writer, person, person)
  await writer.close()

  const names = new Map<string, string>()
  for await (const name of allNames(vault, privateKeys)) {
    names.set(pseudonymOf(name), Buffer.from(name.id).toString())
  }
  expect(names.size).toBe(5000)
  expect(names.get('00000007000004d2')).toBe('person-1234')
  expect(bytesIn(join(folder, 'vault'))).not.toContain('person-')
  const modes = readdirSync(join(folder, 'vault', 'names')).map(
    (file) => statSync(join(folder, 'vault', 'names', file)).mode & 0o777,
  )
  expect(modes).toEqual([0o600])
})

it('seals a name once a week, and again in the next', async () => {
  //  week 1          week 2
  //  1 2 1 1 1 2     1 (2, late) 1
  const made = await newVault()
  const writer = await VaultWriter.open(made.vault)
  for (const person of [1, 2, 1, 1, 1, 2]) take(writer, person, 1000)
  await writer.flush()
  take(writer, 1, weekMs)
  take(writer, 2, weekMs - 1)
  take(writer, 1, weekMs + 1)
  await writer.close()
  expect(await idsIn(made)).toEqual(['person-1', 'person-2', 'person-1', 'person-2'])
  expect((await made.vault.files()).map((file) => file.weekMs)).toEqual([0, weekMs])

  expect(await expireNames(made.vault, { beforeMs: weekMs - 1 })).toBe(0)
  expect(await expireNames(made.vault, { beforeMs: weekMs })).toBe(1)
  expect((await made.vault.files()).map((file) => file.weekMs)).toEqual([weekMs])
})

it('erases a name everywhere, also from copies of the files made before', async () => {
  const made = await newVault()
  const { folder, vault, privateKeys } = made
  for (const timeMs of [0, weekMs]) {
    const writer = await VaultWriter.open(vault)
    for (let person = 0; person < 10; person++) take(writer, person, timeMs)
    await writer.close()
  }
  cpSync(join(folder, 'vault', 'names'), join(folder, 'copy'), { recursive: true })
  const erased = { ids: new Set(['person-3', 'nobody']), untilMs: 2 * weekMs, privateKeys }
  expect(await eraseNames(vault, erased)).toEqual({ files: 2, kept: 18, leftOut: 2, found: 1 })

  const ids = await idsIn(made)
  expect(ids).toHaveLength(18)
  expect(ids).not.toContain('person-3')
  // The old files put back are noise, since their keys are gone.
  cpSync(join(folder, 'copy'), join(folder, 'vault', 'names'), { recursive: true })
  expect(await vault.files()).toHaveLength(4)
  expect((await vault.files()).filter(({ key }) => key === undefined)).toHaveLength(2)
  expect(await idsIn(made)).toEqual(ids)
})

it('loses no name and brings none back when it is rewritten under a writer', async () => {
  //  writer   0 … 9 flushed      10 … 19 taken        3 again (old event)   3 again (new event)
  //  eraser              3 erased             rotated
  const made = await newVault()
  const { vault, privateKeys } = made
  const writer = await VaultWriter.open(vault)
  for (let person = 0; person < 10; person++) take(writer, person, 1000)
  await writer.flush()
  take(writer, 3, 2000)
  await eraseNames(vault, { ids: new Set(['person-3']), untilMs: 5000, privateKeys })
  for (let person = 10; person < 15; person++) take(writer, person, 2000)
  await writer.flush()
  await rewriteVault(vault, { privateKeys })
  for (let person = 15; person < 20; person++) take(writer, person, 3000)
  take(writer, 3, 5000)
  await writer.flush()
  const everybody = Array.from({ length: 20 }, (_, person) => `person-${person}`)
  expect(new Set(await idsIn(made))).toEqual(new Set(everybody.filter((id) => id !== 'person-3')))

  take(writer, 3, 5001)
  await writer.close()
  expect(await idsIn(made)).toContain('person-3')
})

it('does not take a name that was erased after it was taken and before it was sealed', async () => {
  const made = await newVault()
  const { vault, privateKeys } = made
  const other = await VaultWriter.open(vault)
  take(other, 3, 1000)
  await other.close()
  const writer = await VaultWriter.open(vault)
  take(writer, 3, 1000)
  take(writer, 4, 1000)
  await eraseNames(vault, { ids: new Set(['person-3']), untilMs: 5000, privateKeys })
  await writer.close()
  expect(await idsIn(made)).toEqual(['person-4'])
})

it('passes over a last page that a crash tore, and says when a page was changed', async () => {
  const made = await newVault()
  const writer = await VaultWriter.open(made.vault)
  for (const person of [1, 2]) {
    take(writer, person, 1000)
    await writer.flush()
  }
  await writer.close()
  const { path, bytes } = (await made.vault.files())[0]!
  truncateSync(path, bytes - 1)
  expect(await idsIn(made)).toEqual(['person-1'])
  const changed = readFileSync(path)
  changed[20]! ^= 1
  writeFileSync(path, changed)
  await expect(idsIn(made)).rejects.toThrow(/page 0 of .* was changed since it was sealed; put the file back/)
})

it('opens with the new key alone once that was rotated', async () => {
  const made = await newVault()
  const { folder, vault, privateKeys } = made
  const writer = await VaultWriter.open(vault)
  take(writer, 1, 1000)
  await writer.close()
  await vault.setRecipient(await makeKeyPair(join(folder, 'new.pem')))
  const newKey = await readPrivateKey(join(folder, 'new.pem'))
  await rewriteVault(vault, { privateKeys: [...privateKeys, newKey] })
  await expect(idsIn(made)).rejects.toThrow(/opens with the private key [0-9a-f]{16}, given was [0-9a-f]{16}/)
  expect(await idsIn({ ...made, privateKeys: [newKey] })).toEqual(['person-1'])
})

it('changes nothing when a key is missing for a part of the vault', async () => {
  const made = await newVault()
  const stranger = await newVault()
  const writer = await VaultWriter.open(made.vault)
  take(writer, 1, 1000)
  await writer.close()
  const before = bytesIn(made.vault.folder)
  await expect(rewriteVault(made.vault, { privateKeys: stranger.privateKeys })).rejects.toThrow(SettingsError)
  expect(bytesIn(made.vault.folder)).toBe(before)
})

it('puts names where pseudonyms stand as words, and leaves everything else', async () => {
  const { vault, privateKeys } = await newVault()
  const writer = await VaultWriter.open(vault)
  const id = Buffer.from('"quoted"')
  writer.take(0xabcdef01, 0x23456789, id, 0, id.length, 1000)
  await writer.close()
  const known = 'abcdef0123456789'
  const lines = [
    `{"members":["${known}","abcdef012345678a"],"cluster":"c-${known}","verdictId":"v-${known}${known}"}`,
    `{"sentence":"by ${known}, twice"}`,
  ]
  expect(await unsealLines(lines, { vault, privateKeys })).toEqual({
    opened: 1,
    lines: [
      `{"members":["\\"quoted\\"","abcdef012345678a"],"cluster":"c-${known}","verdictId":"v-${known}${known}"}`,
      '{"sentence":"by \\"quoted\\", twice"}',
    ],
  })
})

it('says what is wrong with a vault or a key, and shows nothing of either', async () => {
  const folder = newFolder()
  await expect(Vault.open(folder)).rejects.toThrow(/make one with "assay vault create/)
  await expect(readPrivateKey(join(folder, 'missing'))).rejects.toThrow(UnreachableError)
  const { folder: made } = await newVault()
  await expect(Vault.create(join(made, 'vault'), join(made, 'other.pem'))).rejects.toThrow(UsageError)
  await expect(Vault.create(join(made, 'two'), join(made, 'private.pem'))).rejects.toThrow(
    /would be written over/,
  )
  const path = join(made, 'no-key')
  writeFileSync(path, 'a secret that is no key', { mode: 0o600 })
  await expect(readPrivateKey(path)).rejects.toThrow(/^(?!.*a secret).*should be a private key as PEM/)
  writeFileSync(join(made, 'open.pem'), readFileSync(join(made, 'private.pem')), { mode: 0o644 })
  await expect(readPrivateKey(join(made, 'open.pem'))).rejects.toThrow(/its mode is 644; run "chmod 600/)
})
