import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { headline } from '../decide/verdict'
import { chunksOf } from '../evaluate/simulated'
import type { Exemption } from '../model/cluster'
import type { Surge } from '../model/finding'
import type { Correction, Verdict } from '../model/records'
import { traits } from '../model/traits'
import type { Books } from '../runtime/books'
import { replay } from '../runtime/replay'
import { prepare } from '../simulator'
import type { Label } from '../simulator'
import { booksText } from './books'
import { DemoConsole, paced } from './demo-console'
import { exitCodes } from './exit-codes'
import { portIn } from './console'
import { readInputOptions } from './inputs'
import { Interrupt } from './interrupt'
import { number, Progress } from './progress'
import { usualPort } from './serve-console'

interface DemoOptions {
  readonly seed: string
  readonly scenario: string
  readonly json?: boolean
  readonly console?: boolean
  readonly port?: number
  readonly speed?: number
}

export function demoCommand(end: (exitCode: number) => void): Command {
  return new Command('demo')
    .description('a simulated platform with honest traffic and known attacks through the whole pipeline')
    .option('--seed <number>', 'another platform, other people, other attacks', '1')
    .option('--scenario <name>', 'what happens; "assay simulate --list" shows all', 'demo')
    .option('--json', 'print the story as JSON')
    .option(
      '--console',
      'show it in the browser as well, until Ctrl-C (default: where somebody is at the terminal)',
    )
    .option('--no-console', 'end with the story')
    .option('--port <number>', `where the console is served (default: ${usualPort}, or a free one)`, portIn)
    .option(
      '--speed <factor>',
      'with the console: let it happen so many times faster than it did, instead of at once',
      speedIn,
    )
    .addHelpText(
      'after',
      `
Nothing is needed and nothing is kept. The same seed tells the same story. At a terminal the console stays open afterwards.

Examples:
  assay demo
  assay demo --seed 7 --json | jq .verdicts
  assay demo --console --speed 600
  assay demo --scenario networks --console`,
    )
    .action(async (options: DemoOptions) => {
      end(await runDemo(options))
    })
}

async function runDemo(options: DemoOptions): Promise<number> {
  const input = readInputOptions({})
  const isShown = options.console ?? isWatched()
  const shown = isShown ? new DemoConsole(input.policy, input.key) : undefined
  const stopped = new AbortController()
  const interrupt = new Interrupt(() => {
    stopped.abort()
  })
  // Whoever wants to see it happen sees it from the beginning.
  const served = options.speed === undefined ? undefined : await shown?.serve(options.port)
  if (served !== undefined) tellAddress(served.url)
  const progress = new Progress('records')
  const simulation = prepare({ scenario: options.scenario, seed: Number(options.seed) })
  const story: Story = { verdicts: new Map(), corrections: [], surges: [] }
  const books = await replay({
    ...input,
    ...(shown === undefined
      ? { isThreaded: availableParallelism() > 1 }
      : { pipelineOf: (pipeline) => shown.pipeline(pipeline) }),
    sources: [
      {
        name: 'simulated platform',
        read: () => {
          const chunks = chunksOf(simulation.records())
          return options.speed === undefined ? chunks : paced(chunks, options.speed, stopped.signal)
        },
      },
    ],
    onVerdict: (json) => {
      const verdict = JSON.parse(decoder.decode(json)) as Verdict
      const known = story.verdicts.get(verdict.verdictId)
      story.verdicts.set(verdict.verdictId, { first: known?.first ?? verdict, last: verdict })
      shown?.verdict(json, verdict)
    },
    onCorrection: (json) => {
      story.corrections.push(JSON.parse(decoder.decode(json)) as Correction)
      shown?.correction(json)
    },
    onSurge: (json) => {
      const told = JSON.parse(decoder.decode(json)) as Surge | Exemption
      if ('observed' in told) story.surges.push(told)
    },
    onProgress: (sofar) => {
      progress.tell(sofar.read)
      shown?.count(sofar)
      if (interrupt.isAsked) process.exit(exitCodes.interrupted)
    },
  })
  progress.end()
  shown?.count(books)
  const labels = simulation.labels.filter(({ type }) => type === 'account')
  if (options.json === true) {
    const verdicts = [...story.verdicts.values()].map(({ last }) => last)
    const told = { books, verdicts, corrections: story.corrections, surges: story.surges, labels }
    process.stdout.write(`${JSON.stringify(told)}\n`)
  } else {
    process.stdout.write(tell(story, { labels, books, hours: simulation.options.hours }))
  }
  if (shown !== undefined && !interrupt.isAsked) {
    const server = served ?? (await shown.serve(options.port))
    tellAddress(server.url)
    if (!stopped.signal.aborted) await once(stopped.signal, 'abort')
    await server.close()
  }
  return exitCodes.done
}

/** Whether a person sits at the terminal, who ends it when it has been seen. */
function isWatched(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env['CI'] === undefined
}

function tellAddress(url: string): void {
  process.stderr.write(`\nassay: the console is at ${url}; Ctrl-C ends it\n`)
}

function speedIn(text: string): number {
  const speed = Number(text)
  if (!(speed > 0 && Number.isFinite(speed))) {
    throw new InvalidArgumentError('a factor is a number above 0, such as 600')
  }
  return speed
}

interface Story {
  readonly verdicts: Map<string, { readonly first: Verdict; readonly last: Verdict }>
  readonly corrections: Correction[]
  readonly surges: Surge[]
}

function tell(
  story: Story,
  { labels, books, hours }: { labels: readonly Label[]; books: Books; hours: number },
): string {
  const truth = new Map(labels.map((label) => [label.id, label]))
  const verdicts = [...story.verdicts.values()]
  const isFramed = ({ last }: { last: Verdict }): boolean => truth.get(last.accountId)?.label === 'honest'
  const bought = verdicts.filter((verdict) => !isFramed(verdict))
  const framed = verdicts.filter(isFramed)
  const wrong = verdicts.filter(
    ({ last }) => truth.get(last.accountId)?.label !== 'fraud' && last.recommendation !== 'correct-count',
  )
  const events = Object.entries(books.countedByKind).map(
    ([kind, count]) => `${number(count)} ${plural(kind)}`,
  )
  const parts = [
    section(
      'What came in',
      wrap(`${hours} hours of a simulated platform: ${events.join(', ')}.`) + indented(booksText(books)),
    ),
    section(
      'Who was flagged, and why',
      bought.map((verdict) => verdictText(verdict, truth.get(verdict.last.accountId), story)).join('\n'),
    ),
    section(
      'Who was framed, and only corrected',
      framed.length === 0
        ? wrap('Nobody.')
        : framed.map((verdict) => verdictText(verdict, truth.get(verdict.last.accountId), story)).join('\n'),
    ),
    section(
      'Which bursts were let pass',
      largestSurges(story.surges)
        .map((surge) => surgeText(surge, truth.get(surge.accountId)))
        .join('\n'),
    ),
    section(
      'How it ended',
      wrap(
        `Flagged with made numbers: ${bought.length}. Framed by a rival, count corrected and standing kept: ` +
          `${framed.length}. Bursts let pass: ${new Set(story.surges.map(({ accountId }) => accountId)).size}. Honest accounts sanctioned: ${wrong.length}. ` +
          'The labels in brackets come from the simulator; nothing that judges ever sees them.',
      ) +
        wrap(
          'Next: "npm run -s assay -- simulate --help" makes traffic, "npm run -s assay -- replay --help" judges ' +
            'files, and "npm run evaluate:simulated -- --seeds 3" measures how often that goes right.',
        ),
    ),
  ]
  return parts.join('\n')
}

function verdictText(
  { first, last }: { first: Verdict; last: Verdict },
  label: Label | undefined,
  { corrections }: Story,
): string {
  const hours = new Map(
    corrections
      .filter(({ verdictIds }) => verdictIds.includes(last.verdictId))
      .map((correction) => [`${correction.contentId ?? ''}|${correction.hour}`, correction]),
  )
  let disputed = 0
  let raw = 0
  for (const correction of hours.values()) {
    disputed += correction.disputed
    raw += correction.raw
  }
  const control = last.elements.find(({ element }) => element === 'common-control')
  return (
    `  ${last.accountId}  ${last.offence}, ${role(last)}: ${last.recommendation}  [${labelText(label)}]\n` +
    wrap(headline(last), 4) +
    (control !== undefined && last.role === 'operator' ? wrap(control.sentence, 4) : '') +
    wrap(
      `First seen ${at(first.detectedAt)}; corrected: ${number(raw - disputed)} of ${number(raw)} stand. ` +
        `Chance of this with an honest audience: ${last.pValue.toExponential(0)}.`,
      4,
    )
  )
}

/** The largest surge of each account, and of these the most striking. */
function largestSurges(surges: readonly Surge[]): Surge[] {
  const factor = ({ observed, expected }: Surge): number => observed / Math.max(1, expected)
  const byAccount = new Map<string, Surge>()
  for (const surge of surges) {
    const known = byAccount.get(surge.accountId)
    if (known === undefined || surge.observed > known.observed) byAccount.set(surge.accountId, surge)
  }
  return [...byAccount.values()].sort((a, b) => factor(b) - factor(a)).slice(0, surgesShown)
}

function surgeText(surge: Surge, label: Label | undefined): string {
  const usual = surge.evidence
    .filter(({ pValue }) => pValue > 0.01)
    .map(({ family }) => family)
    .join(', ')
  const odd = surge.evidence
    .filter(({ pValue }) => pValue <= 0.01)
    .map(({ trait, observed }) => `${Math.round(observed * 100)} % ${meaningOf(trait)}`)
  return (
    `  ${surge.accountId}  ${number(surge.observed)} ${plural(surge.kind)} where about ` +
    `${number(surge.expected)} were to be expected, ${at(surge.window.start)}  [${labelText(label)}]\n` +
    wrap(
      `Let pass: ${usual} as on the rest of the platform` +
        (odd.length === 0 ? '.' : `; ${odd.join(', ')}, which alone is no sign of fraud.`),
      4,
    )
  )
}

function labelText(label: Label | undefined): string {
  if (label === undefined) return 'an ordinary day'
  return label.strength === undefined ? label.attack : `${label.attack}, ${label.strength}`
}

function role({ role: name }: Verdict): string {
  return name === 'operator' ? "the operator's own doing" : 'whoever paid for it'
}

function meaningOf(name: string): string {
  return traits.find((trait) => trait.name === name)?.meaning ?? name
}

function section(title: string, text: string): string {
  return `${title}\n${'-'.repeat(title.length)}\n${text}`
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

/** Breaks text into lines of a terminal's width. */
function wrap(text: string, indent = 2): string {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line.length + word.length + 1 > 100 - indent && line !== '') lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => `${' '.repeat(indent)}${line}\n`).join('')
}

function at(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function plural(kind: string): string {
  return kind.endsWith('s') ? kind : `${kind}s`
}

const surgesShown = 5
const decoder = new TextDecoder()
