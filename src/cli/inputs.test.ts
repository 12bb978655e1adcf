import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { SettingsError, UnreachableError, UsageError } from '../model/errors'
import { checkFiles, openNames, readInputOptions, sourcesFrom } from './inputs'

const newFolder = temporaryFolders()

it.each([
  ['engagement.click.ndjson', 'click'],
  ['day-1/engagement.subscription-3.ndjson.gz', 'subscription'],
  ['account.activity.avro', 'account'],
  ['enforcement.feedback.ndjson', 'feedback'],
  ['engagement.like.ndjson', undefined],
  ['click.ndjson', undefined],
  ['-', undefined],
] as const)('takes the kind from the name of a topic: %s', (file, kind) => {
  expect(sourcesFrom([file], undefined)[0]).toMatchObject({ name: file, kind })
})

it('takes the kind that is given where the name says none', () => {
  const sources = sourcesFrom(['engagement.click.ndjson', 'rest.ndjson'], 'comment')
  expect(sources.map(({ kind }) => kind)).toEqual(['click', 'comment'])
})

it('refuses a file that is named twice, even in two ways', () => {
  expect(() => sourcesFrom(['a.ndjson', 'b.ndjson', './a.ndjson'], undefined)).toThrow(UsageError)
  expect(() => sourcesFrom(['-', '-'], undefined)).toThrow('- is named twice')
})

it('finds what cannot be read, and what would be written over, before anything is opened', () => {
  const folder = newFolder()
  const file = join(folder, 'a.ndjson')
  writeFileSync(file, '')
  mkdirSync(join(folder, 'b'))
  checkFiles([file, '-'], ['-', join(folder, 'c'), undefined, undefined])
  expect(() => {
    checkFiles([join(folder, 'missing')], [])
  }).toThrow(UnreachableError)
  expect(() => {
    checkFiles([join(folder, 'b')], [])
  }).toThrow('b should be a file of events, but is a folder; name the files in it')
  if (process.getuid?.() !== 0) {
    chmodSync(file, 0)
    expect(() => {
      checkFiles([file], [])
    }).toThrow('may not be read by this user; allow reading it')
    chmodSync(file, 0o600)
  }
  expect(() => {
    checkFiles([file], [join(folder, 'b', '..', 'a.ndjson')])
  }).toThrow('is an input and would be written over')
  expect(() => {
    checkFiles([file], [join(folder, 'c'), join(folder, 'c')])
  }).toThrow('two outputs would go to')
  // Two may share what keeps nothing.
  checkFiles([file], ['/dev/null', '/dev/null'])
})

it.each([
  ['a symbolic link', symlinkSync],
  ['a hard link', linkSync],
])('knows a file again behind %s', (_, link) => {
  const folder = newFolder()
  const [file, other] = [join(folder, 'a.ndjson'), join(folder, 'b.ndjson')]
  writeFileSync(file, '')
  link(file, other)
  expect(() => {
    checkFiles([file], [other])
  }).toThrow('is an input and would be written over')
  expect(() => {
    checkFiles([], [file, other])
  }).toThrow('two outputs would go to')
  expect(() => sourcesFrom([file, other], undefined)).toThrow('is named twice')
})

it('hashes under a fixed key without a file, and under the secret of a file', () => {
  const folder = newFolder()
  const file = join(folder, 'key')
  writeFileSync(file, 'sixteen bytes or more of a secret')
  const [fixed, secret] = [readInputOptions({}).key, readInputOptions({ keyFile: file }).key]
  expect(fixed).toHaveLength(32)
  expect(secret).toHaveLength(32)
  expect(Buffer.compare(fixed, secret)).not.toBe(0)
  expect(readInputOptions({}).key).toEqual(fixed)
  writeFileSync(file, 'short')
  expect(() => readInputOptions({ keyFile: file })).toThrow(SettingsError)
  expect(() => readInputOptions({ keyFile: join(folder, 'missing') })).toThrow(UnreachableError)
})

it('seals ids only under a secret of their own', async () => {
  expect(await openNames({})).toBeUndefined()
  await expect(openNames({ vault: newFolder() })).rejects.toThrow(/--vault needs --key-file/)
  await expect(openNames({ vault: newFolder(), keyFile: 'key' })).rejects.toThrow(UnreachableError)
})
