import type { AccountDetails } from '../model/finding'
import type { Offence, Recommendation } from '../model/records'
import type { Policy } from '../policy/policy'
import { isGraver } from './ladder'

export type PolicyExemption = Policy['exemptions'][number]

/** The exemption of the policy that covers an account and an offence in some of a span of time. */
export function exemptionOf(
  account: AccountDetails,
  offence: Offence,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { exemptions }: Pick<Policy, 'exemptions'>,
): PolicyExemption | undefined {
  return exemptions.find(
    ({ subject, offences, from, until }) =>
      (subject.accountId === undefined || subject.accountId === account.accountId) &&
      (subject.category === undefined || subject.category === account.category) &&
      (subject.grade === undefined || subject.grade === account.grade) &&
      (subject.network === undefined || subject.network === account.network) &&
      (offences === undefined || offences.includes(offence)) &&
      Date.parse(from) <= toMs &&
      fromMs < Date.parse(until),
  )
}

/** The gravest recommendation that the policy has for an account of this grade and category; undefined where it has none. */
export function highestFor(
  { grade, category }: AccountDetails,
  { highest }: Pick<Policy, 'highest'>,
): Recommendation | undefined {
  const byGrade = valueOf(highest.byGrade, grade)
  const byCategory = valueOf(highest.byCategory, category)
  if (byGrade === undefined || byCategory === undefined) return byGrade ?? byCategory
  return isGraver(byGrade, byCategory) ? byCategory : byGrade
}

/** The platform chooses the names, and one may be that of a property that every object has. */
function valueOf(
  byName: Readonly<Record<string, Recommendation>>,
  name: string | undefined,
): Recommendation | undefined {
  return name !== undefined && Object.hasOwn(byName, name) ? byName[name] : undefined
}
