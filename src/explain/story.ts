import type { Element, Verdict } from '../model/records'
import type { Policy } from '../policy/policy'
import { changesOf } from './changes'
import { exonerationOf, factOf } from './facts'
import type { ElementFact } from './facts'
import { nameOf, quoted } from './name'
import { measured, moment } from './numbers'
import type { ElementTold, FormerStatus, Language, SectionName, Words } from './words/words'
import { legalElements } from './words/words'

/** A verdict as a person reads it, part by part; layout makes lines of it. */
export interface Story {
  readonly language: Language
  readonly verdictId: string
  readonly sections: readonly Section[]
  /** The revision that is told, which is the valid one, and those before it. */
  readonly verdict: Verdict
  readonly earlier: readonly Verdict[]
}

export interface Section {
  readonly name: SectionName
  readonly title: string
  readonly items: readonly Item[]
}

export interface Item {
  readonly text: string
  readonly details: readonly string[]
  /** To be copied as it is: never wrapped. */
  readonly isVerbatim?: boolean
}

/**
 * Tells a verdict so that the person it concerns can check it: every part of it in words, with the numbers, the events,
 * and what by the thresholds of the policy would have made it another one. `revisions` are of one verdict, in any order.
 */
export function storyOf(
  revisions: readonly [Verdict, ...Verdict[]],
  { policy, words }: { readonly policy: Policy; readonly words: Words },
): Story {
  const inOrder = [...revisions].sort((one, other) => one.revision - other.revision)
  const verdict = inOrder.at(-1)!
  const earlier = inOrder.slice(0, -1)
  const told = { verdict, earlier, policy, words }
  return {
    language: words.language,
    verdictId: verdict.verdictId,
    sections: parts.map(([name, itemsOf]) => ({ name, title: titleOf(name, told), items: itemsOf(told) })),
    verdict,
    earlier,
  }
}

interface Told {
  readonly verdict: Verdict
  readonly earlier: readonly Verdict[]
  readonly policy: Policy
  readonly words: Words
}

const parts: readonly (readonly [SectionName, (told: Told) => Item[]])[] = [
  ['decision', decisionItems],
  ['numbers', numberItems],
  ['elements', elementItems],
  ['events', eventItems],
  ['checks', checkItems],
  ['exonerating', exoneratingItems],
  ['changes', changeItems],
  ['appeal', appealItems],
  ['history', historyItems],
]

function titleOf(name: SectionName, { verdict, words }: Told): string {
  const former = formerStatus(verdict)
  return name === 'elements' && former !== undefined ? words.formerElements[former] : words.sections[name]
}

/** The status of a verdict that no longer holds; undefined of one that does. */
function formerStatus({ status }: Pick<Verdict, 'status'>): FormerStatus | undefined {
  return status === 'cleared' || status === 'overturned' ? status : undefined
}

function decisionItems(told: Told): Item[] {
  const { verdict, words } = told
  const former = formerStatus(verdict)
  const { window, detectedAt, subject, accountId, statutes, expiresAt } = verdict
  const subjectName = nameOf(subject.id)
  return [
    words.about(verdict, { subject: subjectName, account: nameOf(accountId) }),
    former === undefined ? words.until(verdict, moment(expiresAt)) : words.nothingRecommended[former],
    words.decided(verdict, {
      from: moment(window.start),
      to: moment(window.end),
      detectedAt: moment(detectedAt),
    }),
    words.by(verdict),
    ...(statutes.length === 0
      ? []
      : [words.underStatutes(statutes.map((statute) => statuteName(statute, words)))]),
    ...(former === undefined ? [isAllFact(told) ? words.isFact : words.budget(verdict)] : []),
  ].map((text) => item(text))
}

/** Whether nothing in a verdict was inferred. */
function isAllFact({ verdict, words }: Told): boolean {
  return verdict.elements.every((element) => elementWords(element, verdict, words).isFact)
}

function numberItems({ verdict, words }: Told): Item[] {
  return [item(verdict.counts.raw === 0 ? words.nothingCounted : words.counts(verdict))]
}

/** `cac-public-accounts-2021/18(4)`: an instrument by the id that a policy gives it, an article, an item of that. */
function statuteName(statute: string, words: Words): string {
  const found = /^(.+)\/(\d+)(?:\((\d+)\))?$/.exec(statute)
  const instrument = found === null ? undefined : words.instruments[found[1]!]
  if (found === null || instrument === undefined) return words.unknownStatute(nameOf(statute))
  return words.statute(instrument, Number(found[2]), found[3] === undefined ? undefined : Number(found[3]))
}

function elementItems({ verdict, words }: Told): Item[] {
  return verdict.elements.map((element) => {
    const told = elementWords(element, verdict, words)
    const name = legalElements.find((known) => known === element.element)
    const observed = words.observed(measured(element.observed), measured(element.expected), told.chance)
    const title = name === undefined ? nameOf(element.element) : words.legalElements[name]
    const text = words.element({ title, sentence: told.sentence })
    return { text, details: [words.tested(told.test), ...(told.isFact ? [] : [observed.trim()])] }
  })
}

/** One element in words; where its test is not known, what the detector says itself. */
export function elementWords(
  element: Element,
  verdict: ElementTold['verdict'],
  words: Words,
): {
  readonly test: string
  readonly sentence: string
  readonly chance: string
  readonly checks: readonly string[]
  /** Looked up, and no test of chance. */
  readonly isFact: boolean
} {
  const fact = factOf(element)
  if (fact === undefined) {
    const sentence = words.quoted(element.sentence)
    return { test: element.test, sentence, chance: '', checks: [], isFact: false }
  }
  // The entry of a kind takes a fact of that kind.
  const tell = words.elements[fact.kind] as (
    fact: ElementFact,
    told: object,
  ) => ReturnType<Words['elements']['number']>
  const { test, sentence, among, checks } = tell(fact, { element, verdict })
  const chance = among === undefined ? '' : words.chance(element.pValue, among)
  return { test, sentence, chance, checks, isFact: among === undefined }
}

function eventItems({ verdict, words }: Told): Item[] {
  const { eventIds, texts, positions } = verdict.evidence
  const spans = positions.map(({ log, partition, from, to }) => `${nameOf(log)}/${partition} ${from}–${to}`)
  const { cluster } = verdict
  return [
    eventIds.length > 0 ? words.samples(namesOf(eventIds)) : words.noSamples,
    ...(cluster === undefined || cluster === null
      ? []
      : [words.members(cluster.size, namesOf(cluster.members), cluster.members.length >= cluster.size)]),
    ...texts.map((text) => words.text(quoted(text))),
    ...(spans.length === 0 ? [] : [words.positions(spans.join(', '))]),
  ].map((text) => item(text))
}

function checkItems({ verdict, words }: Told): Item[] {
  const { window, evidence, elements } = verdict
  const { eventIds } = evidence
  const isNumber = elements.some((element) => factOf(element)?.kind === 'number')
  const [from, to, account] = [moment(window.start), moment(window.end), nameOf(verdict.accountId)]
  return [
    ...(isNumber ? [words.take(verdict, { from, to, account })] : []),
    ...elements.flatMap((element) => elementWords(element, verdict, words).checks),
    ...(eventIds.length > 0 ? [words.lookUp(namesOf(eventIds))] : []),
  ].map((text) => item(text))
}

function exoneratingItems({ verdict, words }: Told): Item[] {
  if (verdict.exonerating.length === 0) return [item(words.nothingExonerates)]
  return verdict.exonerating.map((sentence) => {
    const fact = exonerationOf(sentence)
    if (fact === undefined) return item(words.quoted(sentence))
    return item((words.exonerations[fact.kind] as (fact: object) => string)(fact))
  })
}

function changeItems({ verdict, earlier, policy, words }: Told): Item[] {
  if (formerStatus(verdict) !== undefined) return [item(words.holdsNoLonger)]
  const changes = changesOf(verdict, { policy, earlier })
  const names = { decided: nameOf(verdict.policyVersion), shown: nameOf(policy.version) }
  return [
    ...(verdict.policyVersion === policy.version ? [] : [words.otherPolicy(names)]),
    ...changes.map((change) => (words.changes[change.kind] as (change: object) => string)(change)),
    ...(changes.length === 0 ? [words.nothingChanges] : []),
  ].map((text) => item(text))
}

function appealItems({ verdict: { accountId, verdictId, status }, words }: Told): Item[] {
  if (status === 'overturned') return [item(words.isOverturned)]
  const [help, how, sent] = words.appeal
  const record = { kind: 'feedback', eventId: '***', occurredAt: '***', actorId: '***', accountId, verdictId }
  const json = JSON.stringify({ ...record, decision: 'overturned' }).replace(
    '"occurredAt":"***"',
    '"occurredAt":***',
  )
  return [item(help), item(how), { ...item(json), isVerbatim: true }, item(sent)]
}

function historyItems({ verdict, earlier, words }: Told): Item[] {
  const revisions = [...earlier, verdict].map((one) => item(words.revision(one, moment(one.detectedAt))))
  return revisions.length < verdict.revision ? [...revisions, item(words.onlyLatest)] : revisions
}

function item(text: string): Item {
  return { text, details: [] }
}

function namesOf(ids: readonly string[]): string {
  return ids.map(nameOf).join(', ')
}
