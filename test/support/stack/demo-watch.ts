import { existsSync, readFileSync } from 'node:fs'
import { AssignerProtocol, Kafka, logLevel } from 'kafkajs'
import type { Admin, Consumer } from 'kafkajs'
import { headline } from '../../../src/decide/verdict'
import type { Verdict } from '../../../src/model/records'
import { tasks, topicsOf } from '../../../src/service/installation'
import { contractTopics, serviceSettings } from '../../../src/settings/service-settings'

const settings = serviceSettings.parse({})
export const topics = topicsOf(settings)
const { group } = settings.kafka
const outputs = [topics.verdicts, topics.corrections]
const lookMs = 500

/** What an instance works on: tasks, and how many raw partitions. */
export interface Owned {
  readonly tasks: readonly string[]
  readonly raw: number
}

/** Tells what can be seen from outside: who works on what, what is published, and what is done about it. */
export class Watch {
  /** Every value of a topic, once, and how many came again. */
  readonly published = new Map(outputs.map((topic) => [topic, new Set<string>()]))
  repeats = 0
  private shownOwners = ''
  private shownActs = 0
  private isLooking = false
  private timer: NodeJS.Timeout | undefined

  private constructor(
    private readonly admin: Admin,
    private readonly consumer: Consumer,
    private readonly log: string,
    private readonly say: (sentence: string) => void,
  ) {}

  /** `log` is the file that holds what the enforcement service says. */
  static async begin(bootstrap: string, log: string, say: (sentence: string) => void): Promise<Watch> {
    const kafka = new Kafka({ clientId: 'watch', brokers: [bootstrap], logLevel: logLevel.NOTHING })
    const watch = new Watch(kafka.admin(), kafka.consumer({ groupId: 'watch' }), log, say)
    await watch.admin.connect()
    await watch.consumer.connect()
    await watch.consumer.subscribe({ topics: outputs, fromBeginning: true })
    await watch.consumer.run({
      eachMessage: ({ topic, message }) => {
        watch.take(topic, message.value!.toString())
        return Promise.resolve()
      },
    })
    watch.timer = setInterval(() => void watch.look(), lookMs)
    return watch
  }

  /** Tells no more; its connections end with the process. */
  end(): void {
    clearInterval(this.timer)
  }

  /** What each instance works on, by the name that it gives the brokers. */
  async owners(): Promise<ReadonlyMap<string, Owned> | undefined> {
    const { groups } = await this.admin.describeGroups([group])
    if (groups[0]?.state !== 'Stable') return undefined
    return new Map(
      groups[0].members.map(({ clientId, memberAssignment }) => {
        const assignment = AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {}
        const { [topics.control]: owned = [], ...raw } = assignment
        return [clientId, { tasks: owned.map((task) => tasks[task]!), raw: Object.values(raw).flat().length }]
      }),
    )
  }

  /** Raw events that are known to be taken: what is committed. */
  async taken(): Promise<number> {
    const committed = await this.admin.fetchOffsets({ groupId: group, topics: Object.keys(contractTopics) })
    const offsets = committed.flatMap(({ partitions }) => partitions.map(({ offset }) => Number(offset)))
    return offsets.reduce((sum, offset) => sum + Math.max(0, offset), 0)
  }

  private take(topic: string, line: string): void {
    const known = this.published.get(topic)!
    if (known.has(line)) {
      this.repeats++
      return
    }
    known.add(line)
    if (topic !== topics.verdicts) return
    const verdict = JSON.parse(line) as Verdict
    const { accountId, offence, role, revision, status, recommendation } = verdict
    this.say(
      `  verdict  ${accountId}, ${role}, ${offence}, revision ${revision}: ${status}, ${recommendation}` +
        (revision === 1 ? `\n${' '.repeat(20)}${headline(verdict)}` : ''),
    )
  }

  private async look(): Promise<void> {
    if (this.isLooking) return
    this.isLooking = true
    // The brokers may be busy with a rebalance; there is another look.
    await this.showOwners().catch(() => undefined)
    this.showActs()
    this.isLooking = false
  }

  private async showOwners(): Promise<void> {
    const owners = await this.owners()
    if (owners === undefined || owners.size === 0) return
    const shown = [...owners]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([name, { tasks: owned, raw }]) =>
          `${name} has ${owned.join(', ') || 'no task'} and ${raw} raw partitions`,
      )
      .join('; ')
    if (shown !== this.shownOwners) this.say(`  work     ${shown}`)
    this.shownOwners = shown
  }

  private showActs(): void {
    if (!existsSync(this.log)) return
    const lines = readFileSync(this.log, 'utf8').split('\n').slice(0, -1)
    for (const line of lines.slice(this.shownActs)) {
      if (!line.startsWith('enforcement:')) this.say(`  act      ${line}`)
    }
    this.shownActs = lines.length
  }
}
