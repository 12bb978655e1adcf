import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { SettingsError, UnreachableError } from '../model/errors'
import { defaultPolicy } from '../policy/policy'
import { policyFrom } from './policy'

const newFolder = temporaryFolders()

function file(text: string): string {
  const path = join(newFolder(), 'policy.json')
  writeFileSync(path, text)
  return path
}

it('is the default policy without a file, and fills in what a file leaves out', () => {
  expect(policyFrom(undefined)).toEqual(defaultPolicy)
  expect(policyFrom(file('{"version":"mine-1"}'))).toEqual({ ...defaultPolicy, version: 'mine-1' })
})

it('names the file, and every fault in it', () => {
  const path = file('{"oneWrongIn":3,"caseHours":0,"loud":true}')
  expect(() => policyFrom(path)).toThrow(SettingsError)
  for (const part of [path, 'oneWrongIn', 'caseHours', 'loud', 'assay policy show']) {
    expect(() => policyFrom(path)).toThrow(part)
  }
})

it.each(['', '{', 'null', '[]', '"default"', '{"version":"a b"}'])('refuses %s', (text) => {
  expect(() => policyFrom(file(text))).toThrow(SettingsError)
})

it('says so when the file cannot be read', () => {
  expect(() => policyFrom(join(newFolder(), 'missing.json'))).toThrow(UnreachableError)
})
