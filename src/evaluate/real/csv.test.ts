import fc from 'fast-check'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { cutRows, readCsv } from './csv'

describe('rows of comma-separated values', () => {
  it('keeps commas, quotes and newlines that quotes protect', async () => {
    expect(await rowsOf('id,text\n1,"a, b"\n2,"she said ""yes"""\n3,"two\nlines"\n')).toEqual([
      ['id', 'text'],
      ['1', 'a, b'],
      ['2', 'she said "yes"'],
      ['3', 'two\nlines'],
    ])
  })

  it('takes empty fields, Windows line ends and a last line without one', async () => {
    expect(await rowsOf('a,b\r\n,\r\n"",x')).toEqual([
      ['a', 'b'],
      ['', ''],
      ['', 'x'],
    ])
  })

  it('says where a quote is left open', async () => {
    await expect(rowsOf('a,b\n1,"never closed\n2,x\n')).rejects.toThrow(/begins with 1,"never closed/)
  })

  it('gives the same rows however the text is cut into pieces', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '中', ' ', ',', '"', '\n', '\r\n') })
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 7 }), async (written, size) => {
        const text = written.map((row) => `${row.map(quoted).join(',')}\n`).join('')
        expect(await rowsOf(text, size)).toEqual(written)
      }),
    )
  })
})

describe('a file of comma-separated values', () => {
  const folder = mkdtempSync(join(tmpdir(), 'csv-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const written = (text: string): string => {
    const path = join(folder, `${text.length}.csv.gz`)
    writeFileSync(path, gzipSync(text))
    return path
  }

  it('gives the columns that are asked for, whatever their order', async () => {
    const rows = await all(readCsv(written('ts,actor,text\n1,ann,"hi, all"\n'), ['text', 'actor']))
    expect(rows).toEqual([{ text: 'hi, all', actor: 'ann' }])
  })

  it.each([
    ['a column is missing', 'ts,actor\n1,ann\n', /should have a column "text", it has ts, actor/],
    ['a row is short', 'ts,text\n1\n', /should have 2 fields in every row, one has 1: 1/],
  ])('says so when %s', async (_, text, message) => {
    await expect(all(readCsv(written(text), ['text']))).rejects.toThrow(message)
  })

  it('says so when there is none, and when it is cut off', async () => {
    await expect(all(readCsv(join(folder, 'none.csv.gz'), ['a']))).rejects.toMatchObject({ exitCode: 69 })
    const path = join(folder, 'cut.csv.gz')
    writeFileSync(path, gzipSync('a\n'.repeat(1000)).subarray(0, 20))
    await expect(all(readCsv(path, ['a']))).rejects.toMatchObject({ exitCode: 69 })
  })
})

function rowsOf(text: string, size = text.length): Promise<(readonly string[])[]> {
  const pieces: string[] = []
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size))
  return all(cutRows(pieces))
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const value of values) list.push(value)
  return list
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
