import { Command } from 'commander'
import { join } from 'node:path'
import { nameOf, printable } from '../explain/name'
import { storyOf } from '../explain/story'
import { wordsOf } from '../explain/words'
import { verdictSchema } from '../http/schemas'
import { UnreachableError } from '../model/errors'
import type { Verdict } from '../model/records'
import { parsePolicy } from '../policy/policy'
import type { Policy } from '../policy/policy'
import { exitCodes } from './exit-codes'
import { policyFrom } from './policy'
import { askApi, languageOption, linesWith, mustNameOne, print } from './told'
import type { ToldOptions } from './told'

interface ExplainOptions extends ToldOptions {
  readonly verdicts?: string
  readonly policy?: string
}

export function explainCommand(end: (exitCode: number) => void): Command {
  return new Command('explain')
    .description('tell a verdict so that the person it concerns can check it and appeal')
    .argument('<id>', 'the verdictId')
    .option('--verdicts <file>', 'verdicts, one JSON object a line; "-" is stdin')
    .option('--state <folder>', 'the folder of "assay run --embedded"')
    .option('--url <address>', 'a service, such as http://localhost:8080')
    .option(
      '--policy <file>',
      'the policy that decided (default: that of the service, or the default policy)',
    )
    .addOption(languageOption())
    .option('--json', 'print the same as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  assay explain v-18c29b1310eefe97f72d395b90162f05 --verdicts verdicts.ndjson
  assay explain v-18c29b1310eefe97f72d395b90162f05 --state /var/lib/assay --lang zh
  assay explain v-18c29b1310eefe97f72d395b90162f05 --url http://localhost:8080 --json | jq .sections`,
    )
    .action(async (id: string, options: ExplainOptions) => {
      end(await explain(id, options))
    })
}

async function explain(id: string, options: ExplainOptions): Promise<number> {
  const { verdicts, state, url, lang, json = false } = options
  mustNameOne(
    [verdicts, state, url].map((source) => source !== undefined),
    '--verdicts FILE, --state FOLDER, --url ADDRESS',
  )
  const policy = await policyOf(options)
  const [latest, ...others] =
    url === undefined
      ? await revisionsIn(verdicts ?? join(state!, 'verdicts.ndjson'), id)
      : await served(url, id)
  if (latest === undefined) {
    process.stderr.write(
      `assay: there is no verdict ${printable(nameOf(id))} here; a verdictId is the field of that name in the verdicts\n`,
    )
    return exitCodes.failed
  }
  const words = wordsOf[lang]
  const story = storyOf([latest, ...others], { policy, words })
  const sections = story.sections.map((section) => ({ ...section, isList: lists.has(section.name) }))
  print({ title: words.title(nameOf(story.verdictId)), sections }, { json, structure: story })
  return exitCodes.done
}

const lists: ReadonlySet<string> = new Set(['elements', 'checks', 'changes'])

async function policyOf({ policy, url }: ExplainOptions): Promise<Policy> {
  if (policy !== undefined || url === undefined) return policyFrom(policy)
  return parsePolicy(await askApi(url, '/api/v1/policy'), `the policy of ${url}`)
}

async function served(url: string, id: string): Promise<Verdict[]> {
  const body = await askApi(url, `/api/v1/verdicts/${encodeURIComponent(id)}`)
  return body === undefined ? [] : [checked(body, url)]
}

/** Every revision of a verdict in a file, in the order of the file; the same revision twice counts once. */
async function revisionsIn(file: string, id: string): Promise<Verdict[]> {
  const revisions = new Map<number, Verdict>()
  for await (const line of linesWith(file, JSON.stringify(id))) {
    let record: unknown
    try {
      record = JSON.parse(line)
    } catch {
      throw new UnreachableError(
        `a line of ${file} that names ${printable(nameOf(id))} is not JSON; name a file of verdicts as "assay replay --out" writes it`,
      )
    }
    if ((record as Partial<Verdict> | null)?.verdictId !== id) continue
    const verdict = checked(record, file)
    revisions.set(verdict.revision, verdict)
  }
  return [...revisions.values()]
}

function checked(record: unknown, where: string): Verdict {
  const parsed = verdictSchema.safeParse(record)
  if (parsed.success) return parsed.data as Verdict
  const { path, message } = parsed.error.issues[0]!
  throw new UnreachableError(
    `what ${where} holds under this id is no verdict: ${path.join('.')}: ${message}; name the verdicts that assay published`,
  )
}
