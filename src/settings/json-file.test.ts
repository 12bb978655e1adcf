import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolders } from '../../test/support/temporary'
import { SettingsError } from '../model/errors'
import { readJsonFile } from './json-file'

const newFolder = temporaryFolders()

function read(text: string): unknown {
  const file = join(newFolder(), 'policy.json')
  writeFileSync(file, text)
  return readJsonFile(file, 'the policy')
}

describe('a file of JSON', () => {
  it.each([
    ['{"a": 1, "a": 1}', 'names a again in line 1, column 10'],
    ['{\n  "a": {\n    "b": 1,\n    "c": [],\n    "b": 2\n  }\n}', 'names a.b again in line 5, column 5'],
    ['{"a": [{"b": 1}, {"b": 1, "b" : 1}]}', 'names a.1.b again in line 1, column 27'],
    ['{"\\u0061": 1, "a": 2}', 'names a again in line 1, column 15'],
    ['{"a\\"": 1, "a\\"": 2}', 'names a" again in line 1, column 12'],
    ['{"__proto__": 1, "__proto__": 2}', 'names __proto__ again in line 1, column 18'],
    ['[[], {"": 1, "": 2}]', 'names 1. again in line 1, column 14'],
  ])('that names a key twice is refused, with its path and its place: %j', (text, sentence) => {
    expect(() => read(text)).toThrow(SettingsError)
    expect(() => read(text)).toThrow(`should name each key once, and ${sentence}; take one of the two out`)
  })

  it.each([
    '{"a": 1, "A": 2, "b": {"a": 1, "c": {"a": 1}}, "c": [{"a": 1}, {"a": 1}]}',
    '{"a": "a\\": 1, \\"a", "b": "{\\"a\\": 1, \\"a\\": 2}", "c": ["x", "x", ":"]}',
    '{"a\\\\": 1, "a": 2}',
    '"a"',
  ])('that names each once is taken, whatever its texts hold: %j', (text) => {
    expect(read(text)).toEqual(JSON.parse(text))
  })
})
