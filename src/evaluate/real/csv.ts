import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UnreachableError } from '../../model/errors'

/** The parts of a data set that are there, such as all of `reposts-….csv.gz`, by name; throws where there are none. */
export function partsOf(folder: string, beginning: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : []
  const parts = names.filter((name) => name.startsWith(beginning) && name.endsWith('.csv.gz')).sort()
  if (parts.length > 0) return parts.map((name) => join(folder, name))
  throw new UnreachableError(`expected ${beginning}*.csv.gz in ${folder}, found none; ${whatToDo}`)
}

/** The rows of a file of comma-separated values in gzip, each by the names of the columns that are asked for. */
export async function* readCsv<Column extends string>(
  path: string,
  columns: readonly Column[],
): AsyncGenerator<Readonly<Record<Column, string>>> {
  let header: readonly string[] | undefined
  let places: number[] = []
  for await (const row of readRows(path)) {
    if (header === undefined) {
      header = row
      places = columns.map((column) => placeOf(column, { header: row, path }))
      continue
    }
    if (row.length !== header.length) {
      throw new UnreachableError(
        `${path} should have ${header.length} fields in every row, one has ${row.length}: ${row.join(',').slice(0, 80)}; ${whatToDo}`,
      )
    }
    const named = {} as Record<Column, string>
    for (let i = 0; i < columns.length; i++) named[columns[i]!] = row[places[i]!]!
    yield named
  }
}

/** Cuts text that comes piece by piece into rows of fields; quotes and what they protect are those of RFC 4180. */
export async function* cutRows(
  pieces: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<readonly string[]> {
  let rest = ''
  for await (const piece of pieces) rest = yield* wholeRows(rest + piece)
  if (rest !== '') rest = yield* wholeRows(`${rest}\n`)
  if (rest !== '')
    throw new SyntaxError(`a quote is not closed in the row that begins with ${rest.slice(0, 80)}`)
}

async function* readRows(path: string): AsyncGenerator<readonly string[]> {
  const text = createGunzip()
  text.setEncoding('utf8')
  // The failure of either side comes out of the loop below.
  pipeline(createReadStream(path), text, () => undefined)
  try {
    yield* cutRows(text as AsyncIterable<string>)
  } catch (error) {
    throw new UnreachableError(
      `${path} should be comma-separated values in gzip, but cannot be read: ${(error as Error).message}; ${whatToDo}`,
      { cause: error },
    )
  }
}

/** Gives the rows that are whole and returns the rest; a row is whole when the end of its line has come. */
function* wholeRows(text: string): Generator<readonly string[], string> {
  // A field in quotes or without, and what ends it.
  const field = /(?:"([^"]*(?:""[^"]*)*)"|(?!")([^,\r\n]*))(,|\r?\n)/y
  let start = 0
  let row: string[] = []
  for (let found = field.exec(text); found !== null; found = field.exec(text)) {
    const [, quoted, plain, separator] = found
    row.push(quoted?.replaceAll('""', '"') ?? plain!)
    if (separator === ',') continue
    yield row
    row = []
    start = field.lastIndex
  }
  return text.slice(start)
}

function placeOf(column: string, { header, path }: { header: readonly string[]; path: string }): number {
  const place = header.indexOf(column)
  if (place >= 0) return place
  throw new UnreachableError(
    `${path} should have a column "${column}", it has ${header.join(', ')}; ${whatToDo}`,
  )
}

const whatToDo = 'copy the data set again from where it came from'
