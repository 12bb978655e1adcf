import { Command } from 'commander'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { nameOf, printable } from '../explain/name'
import { askedViews, Past, structured, toldWhyNot, whyNotOf } from '../explain/why-not'
import type { WhyNot } from '../explain/why-not'
import { wordsOf } from '../explain/words'
import { FileLog } from '../log/file-log'
import { SettingsError, UnreachableError } from '../model/errors'
import type { Policy } from '../policy/policy'
import { policyVersionOf } from '../runtime/belongings'
import { replay } from '../runtime/replay'
import { makeViews } from '../runtime/stages'
import type { Stage, Views } from '../runtime/stages'
import { connectedPipeline } from '../runtime/threads'
import type { View } from '../runtime/view'
import { SnapshotReader } from '../state/snapshot'
import { newestWhole } from '../store/checkpoint-store'
import { FileCheckpointStore } from '../store/file-checkpoint-store'
import { FolderLock } from '../store/folder-lock'
import { exitCodes } from './exit-codes'
import { addInputOptions, checkFiles, readInputOptions, sourcesFrom } from './inputs'
import type { InputOptions } from './inputs'
import { Progress } from './progress'
import { askApi, languageOption, linesWith, mustNameOne, print } from './told'
import type { ToldOptions } from './told'

interface WhyNotOptions extends ToldOptions, InputOptions {}

export function whyNotCommand(end: (exitCode: number) => void): Command {
  const command = new Command('why-not')
    .description('tell how near an account came to a verdict, and what is missing')
    .argument('<account>', 'the accountId')
    .argument('[files...]', 'events to read first: .ndjson, .ndjson.gz, .avro, or "-"')
    .option('--state <folder>', 'the folder of "assay run --embedded", while nothing runs in it')
    .option('--url <address>', 'a service, such as http://localhost:8080')
    .addOption(languageOption())
    .option('--json', 'print the same as one JSON object')
  return addInputOptions(command)
    .addHelpText(
      'after',
      `
Of every offence it says what was measured lately and what its detector asks for; with files or a folder also the
nearest that it ever came.

Examples:
  assay why-not adc769db1 day.ndjson
  assay why-not adc769db1 --state /var/lib/assay --lang zh
  assay why-not adc769db1 --url http://localhost:8080 --json`,
    )
    .action(async (account: string, files: string[], options: WhyNotOptions) => {
      end(await whyNot(account, files, options))
    })
}

async function whyNot(account: string, files: readonly string[], options: WhyNotOptions): Promise<number> {
  const { state, url, lang, json = false } = options
  mustNameOne(
    [files.length > 0, state !== undefined, url !== undefined],
    'FILES, --state FOLDER, --url ADDRESS',
  )
  const told =
    url !== undefined
      ? await askService(url, account)
      : state !== undefined
        ? await askState(state, account, readInputOptions(options))
        : await askFiles(files, account, options)
  if (told === undefined) {
    process.stderr.write(
      `assay: nothing was ever measured of an account ${printable(nameOf(account))}; an accountId is the field of that name in the events\n`,
    )
    return exitCodes.failed
  }
  const words = wordsOf[lang]
  print(toldWhyNot(told, words), { json, structure: { language: lang, ...structured(told, words) } })
  return exitCodes.done
}

/** Replays the files and asks the views at the end. */
async function askFiles(
  files: readonly string[],
  account: string,
  options: WhyNotOptions,
): Promise<WhyNot | undefined> {
  const settings = readInputOptions(options)
  const sources = sourcesFrom(files, options.kind)
  checkFiles(files, [])
  const past = new Past(account, settings.policy)
  const views = makeViews(settings.policy, settings.key)
  const progress = new Progress('records')
  const take = (line: Uint8Array): void => {
    past.line(line)
  }
  try {
    await replay({
      ...settings,
      sources,
      pipelineOf: (pipeline) => connectedPipeline(pipeline, views, [listening(past)]),
      onVerdict: take,
      onSurge: take,
      onCorrection: () => undefined,
      onDeadLetter: () => undefined,
      onProgress: ({ read }) => {
        progress.tell(read, '')
      },
    })
  } finally {
    progress.end()
  }
  return answered(account, views, past)
}

function listening(past: Past): Stage {
  const view: View = {
    name: 'why-not',
    fold: (record) => {
      past.report(record)
    },
    save: () => undefined,
    load: () => undefined,
  }
  return { view, inputs: ['findings', 'clusters'], outputs: [] }
}

/** Restores the views from their newest checkpoints and asks them, and reads what they ever found. */
async function askState(
  folder: string,
  account: string,
  { policy, key }: { readonly policy: Policy; readonly key: Uint8Array },
): Promise<WhyNot | undefined> {
  const version = await policyVersionOf(folder)
  if (version !== policy.version) {
    throw new SettingsError(
      `the state in ${folder} was begun under the policy ${version}, and ${policy.version} was given; name the file of ${version} with --policy, the ones that took over since are in the state`,
    )
  }
  const lock = await FolderLock.acquire(folder)
  try {
    const past = new Past(account, policy)
    for (const log of ['findings', 'clusters']) await readReports(join(folder, log), past)
    for (const file of ['verdicts.ndjson', 'surges.ndjson']) {
      const path = join(folder, file)
      if (!existsSync(path)) continue
      for await (const line of linesWith(path, JSON.stringify(account))) past.line(Buffer.from(line))
    }
    const views = makeViews(policy, key)
    const checkpoints = await FileCheckpointStore.open(join(folder, 'checkpoints'))
    for (const name of askedViews) {
      const { checkpoint } = await newestWhole(checkpoints, name)
      if (checkpoint === undefined) {
        throw new UnreachableError(
          `${folder} holds no whole checkpoint of the ${name} view; let "assay run --embedded" end once and ask again`,
        )
      }
      views[name].load(new SnapshotReader(checkpoint.parts))
    }
    return answered(account, views, past)
  } finally {
    await lock.release()
  }
}

async function readReports(folder: string, past: Past): Promise<void> {
  const log = await FileLog.open(folder)
  try {
    for (let position = log.first; position < log.end;) {
      const records = await log.read(position, readBytes)
      for (const record of records) past.report(record)
      position += records.length
    }
  } finally {
    await log.close()
  }
}

function answered(account: string, views: Views, past: Past): WhyNot | undefined {
  const asked = whyNotOf(account, views)
  return asked === undefined ? undefined : past.addTo(asked)
}

async function askService(url: string, account: string): Promise<WhyNot | undefined> {
  const id = encodeURIComponent(account)
  const asked = (await askApi(url, `/api/v1/why-not/${id}`)) as WhyNot | undefined
  if (asked === undefined) return undefined
  const page = (await askApi(url, `/api/v1/accounts/${id}/verdicts`)) as {
    items: readonly { verdictId: string; status: string }[]
  }
  const standing = page.items.filter(({ status }) => status !== 'overturned')
  return { ...asked, verdictIds: standing.map(({ verdictId }) => verdictId) }
}

const readBytes = 4_194_304
