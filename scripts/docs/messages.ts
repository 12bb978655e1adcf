import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemErrors } from '../../src/cli/explain-error'
import { describedApart } from '../../src/http/openapi'
import { openApiDocument } from '../../src/contract/open-api'
import { errorStatus } from '../../src/http/errors'
import { deadLetterReasons } from '../../src/ingest/dead-letter'
import { block, code, page, prose, table } from './markdown'

export function messagesPage(): string {
  return page(
    'Messages',
    'Bad input has one of four ends: a dead letter, a sentence on the standard error with an ' +
      '[exit code](commands.md#exit-codes), an error of the HTTP API, or a reason at `/readyz`.',
    '## Dead letters',
    'A record that cannot be read is put aside with one of these reasons, and the stream goes on: into the topic ' +
      '`assay.dead-letters`, or into the file that `--dead-letters` names. ' +
      '[Listing them and writing them back](../how-to/dead-letters.md).',
    table(
      ['reason', 'meaning'],
      Object.entries(deadLetterReasons).map(([reason, meaning]) => [code(reason), prose(meaning)]),
    ),
    '## Errors of the command line',
    'A mistake that a person can mend is one sentence: what was expected, what came, what to do. Anything else is a bug ' +
      'and shows its stack. Every kind of error in the code:',
    table(['error', 'meaning', 'exit code'], errorClasses()),
    'Of the operating system, behind the name of the file:',
    table(
      ['code', 'says', 'and what to do', 'exit code'],
      Object.entries(systemErrors).map(([name, [what, whatToDo, exitCode]]) => [
        code(name),
        what,
        whatToDo,
        exitCode,
      ]),
    ),
    '## Errors of the HTTP API',
    'One shape, with a word for a program and a sentence for a person:',
    block('{ "error": { "code": "bad-query", "message": "…", "expected": "…" } }', 'json'),
    table(['code', 'status', 'where'], apiErrors()),
  )
}

/** Each class of errors with the sentence above it in the code. */
function errorClasses(): (string | number)[][] {
  const root = join(__dirname, '../../src')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  const rows = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .flatMap((file) => classesIn(readFileSync(join(root, file), 'utf8'), file))
  return rows
}

function classesIn(text: string, file: string): (string | number)[][] {
  const found = text.matchAll(
    /(?:\/\*\* ([^*]+) \*\/\n)?export class (\w+) extends (\w*Error)\b[^]*?\n?\}\n/g,
  )
  return [...found].map(([body, meaning, name, parent]) => {
    if (meaning === undefined) throw new Error(`${name!} in src/${file} should say above it what it means`)
    const exitCode = /readonly exitCode = (\d+)/.exec(body)?.[1] ?? (parent === 'UnreachableError' ? 69 : '')
    return [code(name!), prose(meaning.trim()), exitCode === '' ? endOf(file) : exitCode]
  })
}

/** How an error ends that has no exit code of its own. */
function endOf(file: string): string | number {
  if (file.startsWith('http') || file === join('store', 'standing.ts')) return 'an answer of the API'
  return file.startsWith('client') ? 'in your program' : 1
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}

function apiErrors(): (string | number)[][] {
  const { paths } = openApiDocument() as { paths: Record<string, Record<string, Operation>> }
  const count = Object.values(paths).flatMap(Object.keys).length
  return Object.entries(errorStatus).map(([name, status]) => {
    const where = Object.entries(paths).flatMap(([path, operations]) =>
      Object.values(operations)
        .filter(({ responses }) => responses[status]?.description.split(', ').includes(name))
        .map(() => code(path)),
    )
    const isAnywhere = where.length === 0 || where.length >= count - describedApart.length
    return [code(name), status, isAnywhere ? 'anywhere' : where.join(', ')]
  })
}
