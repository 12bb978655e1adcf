// Writes docs/reference/ and the generated files of schemas/ from the code, so that they never say anything else than it
// does. `npm run docs` writes them; with --check nothing is written, and a difference is a failure.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { asyncApiDocument } from '../../src/contract/async-api'
import { jsonSchemaOf } from '../../src/contract/json-schema'
import { openApiDocument } from '../../src/contract/open-api'
import { recordNames } from '../../src/contract/record-schemas'
import { httpPage } from './http'
import { commandsPage } from './commands'
import { indexPage } from './markdown'
import { messagesPage } from './messages'
import { metricsPage } from './metrics'
import { policyPage } from './policy'
import { recordsPage } from './records'
import { settingsPage } from './settings'
import { topicsPage } from './topics'

const root = join(__dirname, '../..')

/** Every page of the reference: its file, its title in the index, what it holds. */
const pages = [
  ['commands.md', 'every command and option, and the exit codes', commandsPage],
  ['settings.md', 'every setting of the service', settingsPage],
  ['policy.md', 'every field of the policy, and every detector', policyPage],
  ['topics.md', 'every topic', topicsPage],
  ['records.md', 'every record and its fields', recordsPage],
  ['http.md', 'every address of the HTTP API', httpPage],
  ['metrics.md', 'every metric', metricsPage],
  ['messages.md', 'every reason of a dead letter, every error', messagesPage],
] as const

function generatedFiles(): Record<string, string> {
  return {
    'docs/reference/README.md': indexPage(pages.map(([file, holds]) => [file, holds])),
    ...Object.fromEntries(pages.map(([file, , page]) => [`docs/reference/${file}`, page()])),
    ...Object.fromEntries(
      recordNames.map((name) => [`schemas/${name}.schema.json`, json(jsonSchemaOf(name))]),
    ),
    'schemas/asyncapi.json': json(asyncApiDocument()),
    'schemas/openapi.json': json(openApiDocument()),
  }
}

async function main(): Promise<void> {
  const isCheck = process.argv.includes('--check')
  const outdated = leftOver(Object.keys(generatedFiles()))
  for (const [file, text] of Object.entries(generatedFiles())) {
    const path = join(root, file)
    const wanted = await format(text, {
      ...(await resolveConfig(path)),
      parser: file.endsWith('.md') ? 'markdown' : 'json',
    })
    if (read(path) === wanted) continue
    outdated.push(file)
    if (isCheck) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, wanted)
  }
  if (!isCheck || outdated.length === 0) return
  process.stderr.write(`${outdated.join(', ')}: not what the code says; run npm run docs\n`)
  process.exitCode = 1
}

/** Pages that are there and made by nothing any more. */
function leftOver(made: readonly string[]): string[] {
  return readdirSync(join(root, 'docs/reference'))
    .map((file) => `docs/reference/${file}`)
    .filter((file) => !made.includes(file))
}

function json(document: object): string {
  return JSON.stringify(document, undefined, 2)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

void main()
