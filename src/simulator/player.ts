import type { Burst, Deed } from './burst'
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
    private readonly ordinaryLatestOf: (account: number) => number,
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
      scribe.impression(timeMs, account, this.latestOf(account), 'feed-home', count, this.clientOf(deed))
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

  private latestOf(account: number): number {
    const ordinary = account < this.world.accounts.size ? this.ordinaryLatestOf(account) : -1
    const own = this.published.get(account)
    return own?.ordinary === ordinary ? own.content : ordinary
  }

  // Whatever is published is a content of its own.
  private publish(account: number, content: number | undefined): number {
    const published = content ?? this.world.numbers.newContent()
    const ordinary = account < this.world.accounts.size ? this.ordinaryLatestOf(account) : -1
    this.published.set(account, { content: published, ordinary })
    return published
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
          ? this.publish(account, deed.content)
          : (deed.content ?? (needsContent ? this.latestOf(account) : -1)),
      who: deed.isBare ? crowd.bareAppearance(actor) : crowd.appearance(actor, timeMs, this.random),
    }
  }
}

const withoutContent: readonly Deed['kind'][] = ['subscription', 'unsubscription', 'account']
