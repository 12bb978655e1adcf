import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { temporaryFolders } from '../../test/support/temporary'
import type { RawSource } from '../runtime/intake'
import { spooled } from './spool'

const newFolder = temporaryFolders()

function spoolOf(path: string, input: Readable): RawSource {
  return spooled({ name: '-', read: () => Readable.from([]) }, path, input)
}

function pipe(...pieces: string[]): Readable {
  return Readable.from(pieces.map((piece) => Buffer.from(piece)))
}

/** The lines that come from a position on, each with the position where it begins. */
async function read(source: RawSource, fromPosition = 0): Promise<string[]> {
  const lines: string[] = []
  for await (const { bytes, position } of source.read(fromPosition)) {
    let at = position
    for (const line of Buffer.from(bytes)
      .toString()
      .match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      lines.push(`${at} ${line.replace('\n', '¶')}`)
      at += line.length
    }
  }
  return lines
}

it('gives what comes through the pipe and keeps it, whatever pieces it comes in', async () => {
  const path = join(newFolder(), 'spool')
  expect(await read(spoolOf(path, pipe('a', 'b\nc', 'd\n', 'e')))).toEqual(['0 ab¶', '3 cd¶', '6 e'])
  expect(readFileSync(path, 'utf8')).toBe('ab\ncd\ne')
})

it('is safe on disk before it is given', async () => {
  const path = join(newFolder(), 'spool')
  for await (const { bytes } of spoolOf(path, pipe('a\n', 'b\n', 'c\n')).read(0)) {
    expect(readFileSync(path, 'utf8').endsWith(Buffer.from(bytes).toString())).toBe(true)
  }
})

it('reads on in what was kept, and then in the pipe', async () => {
  const path = join(newFolder(), 'spool')
  writeFileSync(path, 'ab\ncd\n')
  expect(await read(spoolOf(path, pipe('ef\n')), 3)).toEqual(['3 cd¶', '6 ef¶'])
  expect(await read(spoolOf(path, pipe('gh\n')), 9)).toEqual(['9 gh¶'])
})

it('does not join a line that was cut off with the first line of the next producer', async () => {
  const path = join(newFolder(), 'spool')
  writeFileSync(path, 'ab\nc')
  expect(await read(spoolOf(path, pipe('cd\n')), 3)).toEqual(['3 c¶', '5 cd¶'])
  expect(readFileSync(path, 'utf8')).toBe('ab\nc\ncd\n')
})

it('comes to an end without an error when the pipe is closed from this side', async () => {
  const path = join(newFolder(), 'spool')
  const input = new PassThrough()
  const reading = read(spoolOf(path, input))
  input.write('a\n')
  setTimeout(() => input.destroy(), 50)
  expect(await reading).toEqual(['0 a¶'])
})

it('passes on what goes wrong with the pipe', async () => {
  const input = new Readable({
    read() {
      this.destroy(new Error('the line is dead'))
    },
  })
  await expect(read(spoolOf(join(newFolder(), 'spool'), input))).rejects.toThrow('the line is dead')
})

it.each([
  ['compressed', [0x1f, 0x8b, 8, 0], 'is compressed; pipe it through "gzip -dc"'],
  ['Avro', [0x4f, 0x62, 0x6a, 1], 'is Avro; name the file instead'],
])('refuses what is no text: %s', async (_name, bytes, message) => {
  const path = join(newFolder(), 'spool')
  await expect(read(spoolOf(path, Readable.from([Buffer.from(bytes)])))).rejects.toThrow(message)
  appendFileSync(path, '')
  expect(readFileSync(path)).toHaveLength(0)
})
