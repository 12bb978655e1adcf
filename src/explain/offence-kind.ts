import { judgedKinds } from '../model/event'
import type { JudgedKind, SeriesKind } from '../model/event'
import type { Element, Offence } from '../model/records'
import { factOf } from './facts'

/** The offences that are about a number. */
export type NumberOffence =
  `inflated-${JudgedKind}s` | 'manipulated-click-through' | 'abnormal-unsubscription'

/** What a verdict counts: the kind of event whose number it is about; undefined where it is about none. */
export function kindOf({
  offence,
  elements,
}: {
  readonly offence: Offence
  readonly elements: readonly Element[]
}): SeriesKind | undefined {
  if (offence === 'abnormal-unsubscription') return 'unsubscription'
  // Clicks that too few impressions explain are counted as clicks, impressions that nobody clicks as impressions.
  if (offence === 'manipulated-click-through') return elements.some(isOfImpressions) ? 'impression' : 'click'
  return judgedKinds.find((kind) => offence === `inflated-${kind}s`)
}

function isOfImpressions(element: Element): boolean {
  const fact = factOf(element)
  return fact?.kind === 'sign-share' && (fact.sign === 'heavy-device' || fact.sign === 'unclicked')
}
