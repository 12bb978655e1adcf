import type { Accounts } from './accounts'
import type { Entry, JudgedKind, Kind } from '../model/event'
import type { Names } from './names'
import type { Random } from './random'
import { timeText } from './time-text'
import type { Wire } from './wire'
import type { Article } from './writing/articles'

/** Told of every record once, beside the records: what it was in truth, which the record itself does not say. */
export type Witness = (fact: Fact) => void

/** The truth of one record. `bought` marks an engagement that somebody paid for or made up. */
export interface Fact {
  readonly kind: Kind
  readonly eventId: string
  readonly timeMs: number
  readonly account: number
  readonly isCounted: boolean
  readonly bought: boolean
}

/** When, where and by whom: what every record has. `who` is an appearance as JSON; `content` is -1 where there is none. */
export interface Moment {
  readonly timeMs: number
  readonly account: number
  readonly content: number
  readonly who: string
}

/** What a scribe writes with. Two scribes share a platform by taking every second id each. */
export interface Desk {
  readonly names: Names
  readonly accounts: Accounts
  readonly wire: Wire
  readonly endMs: number
  readonly firstId: 0 | 1
  readonly random: Random
  readonly witness: Witness | undefined
}

/**
 * Writes records as lines of JSON and hands them to the wire. Templates rather than JSON.stringify: most of a record is
 * the same every time, and this is where a simulation spends its life. Only texts are escaped, since only they need it.
 */
export class Scribe {
  private nextId: number
  private readonly accountIds: readonly string[]

  constructor(private readonly desk: Desk) {
    this.nextId = desk.firstId
    this.accountIds = Array.from({ length: desk.accounts.size }, (_, account) => desk.names.account(account))
  }

  click(moment: Moment, dwellMs: number, referrer: Entry | undefined, bought = false): void {
    const dwell = dwellMs < 0 ? '' : `,"dwellMs":${Math.floor(dwellMs)}`
    this.judged('click', moment, dwell + field('referrer', referrer), bought)
  }

  subscription(moment: Moment, source: Entry | undefined, bought = false): void {
    this.judged('subscription', moment, `,"action":"subscribe"${field('source', source)}`, bought)
  }

  unsubscription(moment: Moment): void {
    this.write('subscription', moment, ',"action":"unsubscribe"')
  }

  forward(moment: Moment, channel: Entry | undefined, text: string | undefined, bought = false): void {
    this.judged('forward', moment, field('channel', channel) + textField(text), bought)
  }

  /** Writes a comment and returns the number by which an answer may name it. */
  comment(moment: Moment, text: string, parent: number, bought = false): number {
    const { names } = this.desk
    const id = this.nextId
    const parentField = parent < 0 ? '' : `,"parentId":"${names.comment(parent)}"`
    this.judged(
      'comment',
      moment,
      `,"commentId":"${names.comment(id)}"${parentField}${textField(text)}`,
      bought,
    )
    return id
  }

  post(moment: Moment, article: Article): void {
    const { title, links, tags, mediaHashes, original } = article
    const rest = asBytes(JSON.stringify({ title, links, tags, mediaHashes, original }).slice(1, -1))
    this.write('post', moment, `${textField(article.text)},${rest}`)
  }

  /** `slot` is the place in the app that showed the articles; `client` what the client says of itself, if it counted. */
  impression(
    timeMs: number,
    account: number,
    content: number,
    slot: string,
    count: number,
    client = '',
  ): void {
    const who = `"actorId":"${slot}"${client}`
    this.write('impression', { timeMs, account, content, who }, `,"count":${count}`)
  }

  /** Activity comes from another system, which writes its times as ISO 8601 and knows no client's clock. */
  activity(moment: Moment, activity: string, profile: string): void {
    this.write('account', moment, `,"activity":"${activity}"${profile === '' ? '' : ',' + asBytes(profile)}`)
  }

  private judged(kind: JudgedKind, moment: Moment, rest: string, bought: boolean): void {
    this.write(kind, moment, rest, true, bought)
  }

  private write(kind: Kind, moment: Moment, rest: string, isCounted = false, bought = false): void {
    const { timeMs, account, content, who } = moment
    const { desk } = this
    if (timeMs >= desk.endMs) return
    const eventId = desk.names.event(this.nextId)
    this.nextId += 2
    const when = kind === 'account' ? `"${new Date(timeMs).toISOString()}"` : timeText(timeMs)
    const about = content < 0 ? '' : `,"contentId":"${desk.names.content(content)}"`
    const text =
      `{"kind":"${kind}","eventId":"${eventId}","occurredAt":${when},${who},` +
      `"accountId":"${this.accountIds[account] ?? desk.names.account(account)}"${about}${rest}}\n`
    desk.wire.send(timeMs, text, desk.random)
    desk.witness?.({ kind, eventId, timeMs, account, isCounted, bought })
  }
}

function field(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":"${value}"`
}

function textField(text: string | undefined): string {
  return text === undefined ? '' : `,"text":${asBytes(JSON.stringify(text))}`
}

// One character a byte of UTF-8: a record with Chinese in it is then no wider than the others, and is written as fast.
function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}
