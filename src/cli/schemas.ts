import avro from 'avsc'
import { Argument, Command, Option } from 'commander'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonSchemaOf } from '../contract/json-schema'
import { avroSchema, recordNames } from '../contract/record-schemas'
import type { RecordName } from '../contract/record-schemas'
import { RegistryClient } from '../log/registry/registry-client'
import { UsageError } from '../model/errors'
import { loadSettings } from '../settings/load-settings'
import { contractTopics } from '../settings/service-settings'
import { exitCodes } from './exit-codes'
import { table } from './progress'

interface SchemasOptions {
  readonly registry?: string
  readonly settings?: string
  readonly json?: boolean
}

/** A subject of the contract and the schema that we have for it. */
interface OwnSchema {
  readonly subject: string
  readonly text: string
}

/** The subjects of the contract, of the records that come in and of those that go out. */
export function ownSchemas(): OwnSchema[] {
  const files = {
    ...contractTopics,
    'enforcement.verdicts': 'verdict',
    'enforcement.corrections': 'correction',
  }
  return Object.entries(files).map(([topic, file]) => ({
    subject: `${topic}-value`,
    text: readFileSync(join(__dirname, '../../schemas', `${file}.avsc`), 'utf8'),
  }))
}

export function schemasCommand(end: (exitCode: number) => void): Command {
  const command = new Command('schemas').description(
    'the schemas of the contract: print them, and list, check, register them in a registry',
  )
  for (const { name, description, run } of actions) {
    command
      .command(name)
      .description(description)
      .option(
        '--registry <url>',
        "the registry with Confluent's interface (default: ASSAY_REGISTRY_URL, or the settings)",
      )
      .option('--settings <file>', 'the settings of the service as JSON (default: ASSAY_SETTINGS)')
      .option('--json', 'print one JSON object a subject')
      .action(async (options: SchemasOptions) => {
        const { rows, exitCode } = await run(registryFrom(options))
        print(rows, options)
        end(exitCode)
      })
  }
  command.addCommand(printCommand())
  return command.addHelpText(
    'after',
    `
A subject is the topic's name and "-value". "check" ends with 3 where a schema would be refused, or where nothing keeps
incompatible ones out; "register" sets the level BACKWARD where none is set, and registers what is not there yet.

Examples:
  assay schemas list --registry http://localhost:8081
  assay schemas check --registry http://localhost:8080/apis/ccompat/v7
  ASSAY_REGISTRY_URL=https://registry.example.org assay schemas register --json
  assay schemas print click --format json-schema
  assay schemas print --format asyncapi > asyncapi.json`,
  )
}

const formats = ['avro', 'json-schema', 'asyncapi', 'openapi'] as const
type Format = (typeof formats)[number]

interface PrintOptions {
  readonly format: Format
  readonly settings?: string
}

function printCommand(): Command {
  return new Command('print')
    .description('print the contract in a form that other tools read')
    .addArgument(
      new Argument('[record]', 'one record; for avro and json-schema alone, all of them without it').choices(
        recordNames,
      ),
    )
    .addOption(new Option('--format <format>', 'the form').choices(formats).default('json-schema'))
    .option('--settings <file>', 'for asyncapi: topics by the names of these settings')
    .action(async (record: RecordName | undefined, options: PrintOptions) => {
      process.stdout.write(`${JSON.stringify(await printed(record, options), undefined, 2)}\n`)
    })
}

async function printed(record: RecordName | undefined, { format, settings }: PrintOptions): Promise<object> {
  if (format === 'avro' || format === 'json-schema') {
    const schemaOf = format === 'avro' ? avroSchema : jsonSchemaOf
    return record === undefined
      ? Object.fromEntries(recordNames.map((name) => [name, schemaOf(name)]))
      : schemaOf(record)
  }
  if (record !== undefined) {
    throw new UsageError(`${format} is one document of all records; leave ${record} out`)
  }
  // What a service and its server load is only for who asks for their documents.
  if (format === 'openapi') return (await import('../contract/open-api.js')).openApiDocument()
  const { asyncApiDocument } = await import('../contract/async-api.js')
  return asyncApiDocument(settings === undefined ? undefined : loadSettings(settings, process.env, []))
}

type Row = Readonly<Record<string, string | number | null>>

export interface CheckedSubject extends Row {
  readonly subject: string
  readonly state: 'not registered' | 'same' | 'compatible' | 'incompatible' | 'unprotected'
  /** What is wrong with it. */
  readonly remark: string | null
}

interface Outcome {
  readonly rows: readonly Row[]
  readonly exitCode: number
}

const actions: readonly {
  readonly name: string
  readonly description: string
  readonly run: (registry: RegistryClient) => Promise<Outcome>
}[] = [
  {
    name: 'list',
    description: 'show what is registered: subject, version, id, level of compatibility',
    run: list,
  },
  { name: 'check', description: 'compare our schemas with what is registered, changing nothing', run: check },
  {
    name: 'register',
    description: 'register our schemas, from now on with backward compatibility',
    run: register,
  },
]

/** Ours, registered or not, and whatever else there is. */
async function list(registry: RegistryClient): Promise<Outcome> {
  const registered = await registry.subjects()
  const own = ownSchemas().map(({ subject }) => subject)
  const rows: Row[] = []
  for (const subject of [...own, ...registered.filter((name) => !own.includes(name)).sort()]) {
    const latest = registered.includes(subject) ? await registry.latest(subject) : undefined
    rows.push({
      subject,
      version: latest?.version ?? null,
      id: latest?.id ?? null,
      compatibility: latest === undefined ? null : await registry.compatibility(subject),
    })
  }
  return { rows, exitCode: exitCodes.done }
}

async function check(registry: RegistryClient): Promise<Outcome> {
  const rows = await checkSchemas(registry)
  return { rows, exitCode: gate(rows, ['incompatible', 'unprotected']) }
}

/** How each subject of the contract stands, what is registered beside what we have. */
export async function checkSchemas(registry: RegistryClient): Promise<CheckedSubject[]> {
  const rows: CheckedSubject[] = []
  for (const own of ownSchemas()) {
    const latest = await registry.latest(own.subject)
    const fault = latest && (await faultOf(registry, own, latest.text))
    const compatibility = await registry.compatibility(own.subject)
    // Without a level the registry lets everything through, so that nothing protects the readers.
    const isOpen = latest !== undefined && compatibility === 'NONE'
    const state =
      latest === undefined ? 'not registered' : isSame(own.text, latest.text) ? 'same' : 'compatible'
    rows.push({
      subject: own.subject,
      version: latest?.version ?? null,
      id: latest?.id ?? null,
      compatibility,
      state: fault !== undefined ? 'incompatible' : isOpen ? 'unprotected' : state,
      remark:
        fault ?? (isOpen ? 'no level of compatibility is set; "assay schemas register" sets one' : null),
    })
  }
  return rows
}

async function register(registry: RegistryClient): Promise<Outcome> {
  const rows: Row[] = []
  for (const own of ownSchemas()) {
    const latest = await registry.latest(own.subject)
    const fault = latest && (await faultOf(registry, own, latest.text))
    // A level that somebody chose stays, and may be stricter.
    if ((await registry.compatibility(own.subject)) === 'NONE') await registry.requireBackward(own.subject)
    const isKnown = latest !== undefined && isSame(own.text, latest.text)
    const id =
      fault !== undefined ? undefined : isKnown ? latest.id : await registry.register(own.subject, own.text)
    const now = id === undefined ? latest : await registry.latest(own.subject)
    rows.push({
      subject: own.subject,
      version: now?.version ?? null,
      id: now?.id ?? null,
      state: id === undefined ? 'incompatible' : isKnown ? 'same' : 'registered',
      remark: id === undefined ? (fault ?? 'the registry refused it as incompatible') : null,
    })
  }
  return { rows, exitCode: gate(rows, ['incompatible']) }
}

/** Why readers with our schema could not read what was written with the registered one; undefined where they can. */
async function faultOf(
  registry: RegistryClient,
  { subject, text }: OwnSchema,
  registered: string,
): Promise<string | undefined> {
  // Asked here as well, since a registry without a level calls everything compatible.
  try {
    typeOf(text).createResolver(typeOf(registered))
  } catch (error) {
    return (error as Error).message.split('\n')[0]
  }
  return (await registry.isCompatible(subject, text)) ? undefined : 'the registry calls it incompatible'
}

function typeOf(text: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(text) as avro.Schema)
}

/** Whether two texts are the same schema, however they are laid out; one that is no JSON is none of ours. */
function isSame(text: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(JSON.parse(other))
  } catch {
    return false
  }
}

function gate(rows: readonly Row[], bad: readonly string[]): number {
  return rows.some(({ state }) => bad.includes(String(state))) ? exitCodes.gateFailed : exitCodes.done
}

function print(rows: readonly Row[], { json }: SchemasOptions): void {
  if (json === true) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
    return
  }
  const columns = Object.keys(rows[0]!)
  process.stdout.write(
    table([columns, ...rows.map((row) => columns.map((name) => String(row[name] ?? '-')))]),
  )
}

function registryFrom({ registry: url, settings: file }: SchemasOptions): RegistryClient {
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) {
    throw new UsageError('--registry should be the address of a registry, such as http://localhost:8081')
  }
  const env = { ...process.env, ...(url === undefined ? {} : { ASSAY_REGISTRY_URL: url }) }
  const { registry } = loadSettings(file, env, ['registry.url'])
  return new RegistryClient({ ...registry, url: registry.url! })
}
