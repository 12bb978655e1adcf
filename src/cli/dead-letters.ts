import { Command, Option } from 'commander'
import { deadLetterReasons } from '../ingest/dead-letter'
import type { DeadLetterReason } from '../ingest/dead-letter'
import { faultIn } from '../ingest/fault'
import type { Fault } from '../ingest/fault'
import { UsageError } from '../model/errors'
import { exitCodes } from './exit-codes'
import { kindInName } from './inputs'
import type { Letter, TopicOptions } from './letters'
import { number, table } from './progress'
import { printable, printableJson } from '../explain/name'

interface FilterOptions extends TopicOptions {
  readonly reason?: DeadLetterReason
  readonly topic?: string
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

interface ReplayOptions extends FilterOptions {
  readonly again?: boolean
  readonly dryRun?: boolean
}

/** Records that could not be read: those of a replay in a file, those of the service in a topic. */
export function deadLettersCommand(end: (exitCode: number) => void): Command {
  const command = new Command('dead-letters').description(
    'records that could not be read: list, show, write them back',
  )
  withFilters(command.command('list'))
    .argument('[files...]', 'written by --dead-letters; without any, the topic is read')
    .description('count them by reason, by where they came from, and by the fields at fault')
    .action((files: string[], options: FilterOptions) => list(files, options))
  withFilters(command.command('show'))
    .argument('<position>', 'as "list" names it: engagement.click/3/1042, or a position in a file')
    .argument('[files...]', 'written by --dead-letters; without any, the topic is read')
    .description('show one: why it was put aside, what came, what was expected, its bytes')
    .action(async (position: string, files: string[], options: FilterOptions) => {
      end(await show(position, files, options))
    })
  withFilters(command.command('replay'))
    .argument('[files...]', 'written by --dead-letters; without any, the topic is read')
    .option('--dry-run', 'name the positions that would be written back, and write nothing')
    .option('--again', 'also those that were written back before')
    .description('write them back, untouched: of a topic to their partitions, of files to stdout as lines')
    .action((files: string[], options: ReplayOptions) => replay(files, options))
  return command.addHelpText(
    'after',
    `
A position is written back once, unless --again says so. The records keep their keys and headers, and get the header
assay-replay-of. An event that comes back after its time has passed counts as late.

Examples:
  assay dead-letters list dead-letters.ndjson
  assay dead-letters show 4096 dead-letters.ndjson
  assay dead-letters list --brokers localhost:9092 --from 2025-03-01T08:00:00Z
  assay dead-letters replay --brokers localhost:9092 --reason schema-unavailable --dry-run`,
  )
}

function withFilters(command: Command): Command {
  return command
    .addOption(
      new Option('--reason <reason>', 'only those put aside for it').choices(Object.keys(deadLetterReasons)),
    )
    .option('--topic <topic>', 'only those of this topic, or this source in a file')
    .option('--from <time>', 'only those put aside then or later, as ISO 8601; files hold no times')
    .option('--to <time>', 'only those put aside before')
    .option('--brokers <list>', 'host:port, separated by commas (default: ASSAY_BROKERS, or the settings)')
    .option('--settings <file>', 'the settings of the service as JSON (default: ASSAY_SETTINGS)')
    .option('--json', 'print one JSON object a line')
}

async function list(files: readonly string[], options: FilterOptions): Promise<void> {
  const groups = new Map<string, Group>()
  await each(files, options, (letter) => {
    const { reason, source, place, timeMs } = letter
    const fields = faultOf(letter)?.fields.join(', ') ?? ''
    const name = `${reason} ${source} ${fields}`
    const group = groups.get(name) ?? {
      ...{ reason, source, fields, letters: 0, times: [], first: place, last: place },
    }
    const times = timeMs === undefined ? group.times : [timeMs, ...group.times]
    groups.set(name, {
      ...group,
      letters: group.letters + 1,
      times: times.length === 0 ? times : [Math.min(...times), Math.max(...times)],
      last: place,
    })
  })
  const rows = [...groups.values()]
    .sort((a, b) => b.letters - a.letters || (a.reason < b.reason ? -1 : 1))
    .map(({ reason, source, fields, letters, times: [fromMs, toMs], first, last }) => {
      const at = fields === '' ? {} : { fields }
      return { reason, source, letters, from: isoOf(fromMs), to: isoOf(toMs), first, last, ...at }
    })
  if (options.json === true) {
    rows.forEach(printLine)
    return
  }
  const head = ['reason', 'of', 'letters', 'from', 'to', 'first', 'last', 'fields']
  const cells = rows.map((row) => [
    row.reason,
    row.source,
    number(row.letters),
    row.from ?? '-',
    row.to ?? '-',
    row.first,
    row.last,
    row.fields ?? '-',
  ])
  process.stdout.write(table([head, ...cells]))
}

/** Letters with one reason from one source. */
interface Group {
  readonly reason: string
  readonly source: string
  /** The fields at fault, as far as a second look finds them. */
  readonly fields: string
  readonly letters: number
  /** The earliest and the latest time at which one was put aside; empty where none is known. */
  readonly times: readonly number[]
  readonly first: string
  readonly last: string
}

async function show(position: string, files: readonly string[], options: FilterOptions): Promise<number> {
  let found = 0
  await each(files, options, (letter) => {
    if (letter.place !== position && letter.position !== position) return
    found++
    if (options.json === true) printLine(asJson(letter))
    else process.stdout.write(asText(letter))
  })
  if (found > 0) return exitCodes.done
  const where = files.length === 0 ? 'the topic of dead letters' : files.join(', ')
  process.stderr.write(
    `assay: no dead letter at ${printable(position)} in ${printable(where)}; "assay dead-letters list" names the first and last of each kind\n`,
  )
  return exitCodes.failed
}

async function replay(files: readonly string[], options: ReplayOptions): Promise<void> {
  if (files.length > 0) {
    await replayFiles(files, options)
    return
  }
  const tell = (letter: Letter): void => {
    if (options.json === true) printLine({ position: letter.place, reason: letter.reason })
    else process.stdout.write(`${printable(letter.place)} ${letter.reason}\n`)
  }
  const { again = false, dryRun: isDryRun = false } = options
  const isWanted = filterOf(files, options)
  const { topicLetters } = await import('./letters.js')
  const { replayed, passedOver, parts, strangers } = await topicLetters(options).replay({
    isWanted,
    again,
    isDryRun,
    tell,
  })
  process.stderr.write(
    `assay: ${number(replayed)} ${isDryRun ? 'would be' : 'were'} written back, ${number(passedOver)} had been before${again ? '' : ' and were passed over'}${partsText(parts)}${strangersText(strangers)}\n`,
  )
}

/** A file of lines can be replayed as a file of lines; what is no line has no place in one. */
async function replayFiles(files: readonly string[], options: ReplayOptions): Promise<void> {
  if (options.again === true)
    throw new UsageError('--again is for the topic; a file is written out whole each time')
  let written = 0
  let left = 0
  await each(files, options, (letter) => {
    const { bytes } = letter
    if (bytes === null || bytes.length === 0 || !isLine(bytes)) {
      left++
      return
    }
    written++
    if (options.dryRun === true) process.stdout.write(`${printable(letter.place)} ${letter.reason}\n`)
    else process.stdout.write(Buffer.concat([bytes, newline]))
  })
  const leftText =
    left === 0 ? '' : `, ${number(left)} are no lines (Avro, or with a newline inside) and were left out`
  process.stderr.write(
    `assay: ${number(written)} lines ${options.dryRun === true ? 'would be written' : 'were written'}${leftText}\n`,
  )
}

async function each(
  files: readonly string[],
  options: FilterOptions,
  take: (letter: Letter) => void,
): Promise<void> {
  // Loaded when it is wanted, since the client of Kafka comes with it.
  const { fileLetters, topicLetters } = await import('./letters.js')
  const isWanted = filterOf(files, options)
  const takeWanted = (letter: Letter): void => {
    if (isWanted(letter)) take(letter)
  }
  if (files.length > 0) {
    for (const file of files) await fileLetters(file, takeWanted)
    return
  }
  const strangers = await topicLetters(options).scan(takeWanted)
  if (strangers > 0) process.stderr.write(`assay:${strangersText(strangers).slice(1)}\n`)
}

function partsText(parts: number): string {
  return parts === 0 ? '' : `; ${number(parts)} hold only a part of their record and were left out`
}

function strangersText(strangers: number): string {
  return strangers === 0
    ? ''
    : `; ${number(strangers)} messages of the topic are no dead letters, somebody else wrote them`
}

function filterOf(files: readonly string[], options: FilterOptions): (letter: Letter) => boolean {
  const { reason, topic } = options
  const fromMs = timeOf('--from', options.from)
  const toMs = timeOf('--to', options.to)
  if (files.length > 0 && (fromMs ?? toMs) !== undefined) {
    throw new UsageError('--from and --to are for the topic; a file of dead letters holds no times')
  }
  return (letter) =>
    (reason === undefined || letter.reason === reason) &&
    (topic === undefined || letter.source === topic) &&
    (fromMs === undefined || letter.timeMs! >= fromMs) &&
    (toMs === undefined || letter.timeMs! < toMs)
}

function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const timeMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(timeMs)) {
    throw new UsageError(`${option} should be a time such as 2025-03-01T08:00:00Z, it is ${printable(text)}`)
  }
  return timeMs
}

function asJson(letter: Letter): object {
  const { reason, place, source, timeMs, key, headers, bytes } = letter
  const fault = faultOf(letter)
  return {
    reason,
    expected: expectedOf(reason),
    ...(fault === undefined ? {} : { fields: fault.fields, found: fault.sentence }),
    position: place,
    source,
    ...(timeMs === undefined ? {} : { time: isoOf(timeMs) }),
    key: key === null ? null : base64(key),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value && base64(value)]),
    ),
    bytes: bytes === null ? null : base64(bytes),
  }
}

/** For a person at a terminal: nothing that a record holds may move the cursor. */
function asText(letter: Letter): string {
  const { reason, place, timeMs, key, headers, bytes } = letter
  const fault = faultOf(letter)
  const rows = [
    ['position', printable(place)],
    ['reason', reason],
    ['meaning', expectedOf(reason)],
    ...(fault === undefined ? [] : [['found', printable(fault.sentence)]]),
    ['put aside', isoOf(timeMs) ?? '-'],
    ['key', key === null ? '-' : quoted(key)],
    ...Object.entries(headers).map(([name, value]) => [
      `header ${printable(name)}`,
      value === undefined ? '-' : quoted(value),
    ]),
    ['bytes', bytes === null ? 'null' : number(bytes.length)],
  ]
  const width = Math.max(...rows.map(([name]) => name!.length))
  const facts = rows.map(([name, value]) => `${name!.padEnd(width)}  ${value!}\n`).join('')
  return `${facts}${bytes === null ? '' : hexDump(bytes)}\n`
}

function faultOf({ reason, source, bytes }: Letter): Fault | undefined {
  return bytes === null ? undefined : faultIn(bytes, { reason, kind: kindInName(source) })
}

function expectedOf(reason: string): string {
  return Object.hasOwn(deadLetterReasons, reason)
    ? deadLetterReasons[reason as DeadLetterReason]
    : 'a reason of another version of assay'
}

/** Sixteen bytes a line, as numbers and, where they are ASCII, as characters. */
function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, shownBytes); at += 16) {
    const row = Buffer.from(bytes.subarray(at, at + 16))
    const hex = row.toString('hex').replace(/../g, '$& ')
    const text = row.toString('latin1').replace(/[^ -~]/g, '.')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(48)} ${text}\n`)
  }
  if (bytes.length > shownBytes) lines.push(`… ${number(bytes.length - shownBytes)} more; --json gives all\n`)
  return lines.join('')
}

function quoted(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes)
  const text = buffer.toString()
  return Buffer.from(text).equals(buffer) ? JSON.stringify(printable(text)) : `0x${buffer.toString('hex')}`
}

function isLine(bytes: Uint8Array): boolean {
  return !bytes.includes(0x0a) && bytes[0]! >= 0x20
}

function printLine(value: object): void {
  process.stdout.write(`${printableJson(JSON.stringify(value))}\n`)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function isoOf(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString()
}

const newline = Buffer.from('\n')
const shownBytes = 4096
