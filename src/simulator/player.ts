import type { Burst, Deed } from './burst'
import type { OrdinaryTraffic } from './ordinary'
import type { Random } from './random'
import type { Scribe } from './scribe'
import type { World } from './world'

/** Carries out what the bursts have planned, in the order of time. */
export class Player {
  private readonly deeds: readonly Deed[]
  private next = 0
  /** The newest that a burst published on an account, and the newest of its ordinary contents at that moment. */
  private readonly published = new Map<number, { readonly content: number; readonly ordinary: number }>()

  constructor(
    bursts: readonly Burst[],
    private readonly world: World,
    private readonly scribe: Scribe,
    private readonly random: Random,
    private readonly ordinary: Pick<OrdinaryTraffic, 'latestAt'>,
  ) {
    this.deeds = bursts.flatMap((burst) => burst.deeds).sort((left, right) => left.timeMs - right.timeMs)
  }

  /** Does what is due before that moment. */
  playUntil(endMs: number): void {
    while (this.next < this.deeds.length && this.deeds[this.next]!.timeMs < endMs)
      this.play(this.deeds[this.next++]!)
  }

  private play(deed: Deed): void {
    const { scribe } = this
    if (deed.kind === 'impression') {
      const { timeMs, account, count } = deed
      scribe.impression(
        timeMs,
        account,
        this.latestAt(account, timeMs),
        'feed-home',
        count,
        this.clientOf(deed),
      )
      return
    }
    const moment = this.momentOf(deed)
    const isBought = deed.isBought ?? false
    switch (deed.kind) {
      case 'click':
        scribe.click(moment, deed.dwellMs, deed.referrer, isBought)
        return
      case 'subscription':
        scribe.subscription(moment, deed.source, isBought)
        return
      case 'unsubscription':
        scribe.unsubscription(moment)
        return
      case 'forward':
        scribe.forward(moment, deed.channel, deed.text, isBought)
        return
      case 'comment':
        scribe.comment(moment, deed.text, -1, isBought)
        return
      case 'post':
        scribe.post(moment, deed.article)
        return
      case 'account':
        scribe.activity(moment, deed.activity, deed.profile)
        return
    }
  }

  private latestAt(account: number, timeMs: number): number {
    const ordinary = this.ordinaryAt(account, timeMs)
    const own = this.published.get(account)
    return own?.ordinary === ordinary ? own.content : ordinary
  }

  // Whatever is published is a content of its own.
  private publish({ account, timeMs, content }: Extract<Deed, { kind: 'post' }>): number {
    const published = content ?? this.world.numbers.newContent()
    this.published.set(account, { content: published, ordinary: this.ordinaryAt(account, timeMs) })
    return published
  }

  /** The newest of the contents that the world began with; an account that came since has none. */
  private ordinaryAt(account: number, timeMs: number): number {
    return account < this.world.accounts.size ? this.ordinary.latestAt(account, timeMs) : -1
  }

  // The slot is who it was shown in; of the viewer nothing is said but what his client says of itself.
  private clientOf({ viewer, timeMs }: Extract<Deed, { kind: 'impression' }>): string {
    if (viewer === undefined) return ''
    const appearance = this.world.crowd.appearance(viewer, timeMs, this.random)
    const rest = appearance.indexOf(',')
    return rest < 0 ? '' : appearance.slice(rest)
  }

  private momentOf(deed: Exclude<Deed, { kind: 'impression' }>) {
    const { crowd } = this.world
    const { timeMs, account, actor } = deed
    const needsContent = !withoutContent.includes(deed.kind)
    return {
      timeMs,
      account,
      content:
        deed.kind === 'post'
          ? this.publish(deed)
          : (deed.content ?? (needsContent ? this.latestAt(account, timeMs) : -1)),
      who: deed.isBare ? crowd.bareAppearance(actor) : crowd.appearance(actor, timeMs, this.random),
    }
  }
}

const withoutContent: readonly Deed['kind'][] = ['subscription', 'unsubscription', 'account']
