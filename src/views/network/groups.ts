export interface Pair<Member> {
  readonly a: Member
  readonly b: Member
}

export interface GroupOptions {
  /** With how many others of its group a member acts together at least. */
  readonly leastPartners: number
  readonly leastMembers: number
}

/**
 * In a crew of five that works together everybody has four partners. That is asked of every member, because a pair
 * that chance or a shared interest brought together hangs on to a crew by a thread: with one or two ties.
 */
export const groupDefaults: GroupOptions = { leastPartners: 4, leastMembers: 5 }

/**
 * The groups that pairs add up to: members with fewer than `leastPartners` partners are taken out until everybody left
 * has as many (the k-core); so is a pair without which its two sides would be apart, since one pair that chance brought
 * together makes no one group of two; and what is still connected is a group. Pairs may repeat and come in any order;
 * members are sorted, and groups too, the largest first.
 *
 * ```
 *  a ─ b           x ─ y
 *  │ ✕ │ ───────── │ ✕ │        two groups
 *  c ─ d           v ─ w
 * ```
 *
 * Source: k-cores, Seidman, "Network structure and minimum degree" (1983); linear in the pairs as in Batagelj and
 * Zaversnik (2003).
 */
export function groupsOf<Member extends string | number | bigint>(
  pairs: Iterable<Pair<Member>>,
  options: Partial<GroupOptions> = {},
): Member[][] {
  const { leastPartners, leastMembers } = { ...groupDefaults, ...options }
  const partners = partnersOf(pairs)
  do cutOff(partners, leastPartners)
  while (untie(partners))
  const groups = connected(partners).filter((group) => group.length >= leastMembers)
  for (const group of groups) group.sort(compare)
  return groups.sort((one, other) => other.length - one.length || compare(one[0]!, other[0]!))
}

function partnersOf<Member>(pairs: Iterable<Pair<Member>>): Map<Member, Set<Member>> {
  const partners = new Map<Member, Set<Member>>()
  const link = (from: Member, to: Member): void => {
    const known = partners.get(from)
    if (known === undefined) partners.set(from, new Set([to]))
    else known.add(to)
  }
  for (const { a, b } of pairs) {
    if (a === b) continue
    link(a, b)
    link(b, a)
  }
  return partners
}

/** Takes out whoever has too few partners, and then whoever has too few because of that. */
function cutOff<Member>(partners: Map<Member, Set<Member>>, leastPartners: number): void {
  const leaving = [...partners.keys()].filter((member) => partners.get(member)!.size < leastPartners)
  for (let member = leaving.pop(); member !== undefined; member = leaving.pop()) {
    for (const other of partners.get(member)!) {
      const theirs = partners.get(other)!
      theirs.delete(member)
      // Exactly once: at the step below the limit.
      if (theirs.size === leastPartners - 1) leaving.push(other)
    }
    partners.delete(member)
  }
}

/** Takes out pairs that alone connect their two sides; whether there were any. */
function untie<Member>(partners: Map<Member, Set<Member>>): boolean {
  let isUntied = false
  for (const [a, theirs] of partners) {
    for (const b of theirs) {
      if (haveCommon(theirs, partners.get(b)!) || meetOtherwise(partners, a, b)) continue
      theirs.delete(b)
      partners.get(b)!.delete(a)
      isUntied = true
    }
  }
  return isUntied
}

/** Whether two partners are connected by others as well. */
function meetOtherwise<Member>(partners: ReadonlyMap<Member, Set<Member>>, a: Member, b: Member): boolean {
  const found = new Set([a])
  // The set grows while it is walked.
  for (const member of found) {
    for (const other of partners.get(member)!) {
      if (other === b && member !== a) return true
      if (other !== b) found.add(other)
    }
  }
  return false
}

function haveCommon<Member>(one: ReadonlySet<Member>, other: ReadonlySet<Member>): boolean {
  const [few, many] = one.size < other.size ? [one, other] : [other, one]
  for (const member of few) if (many.has(member)) return true
  return false
}

function connected<Member>(partners: Map<Member, Set<Member>>): Member[][] {
  const found = new Set<Member>()
  const groups: Member[][] = []
  for (const start of partners.keys()) {
    if (found.has(start)) continue
    found.add(start)
    const group = [start]
    // The list grows while it is walked.
    for (const member of group) {
      for (const other of partners.get(member)!) {
        if (found.has(other)) continue
        found.add(other)
        group.push(other)
      }
    }
    groups.push(group)
  }
  return groups
}

function compare<Member extends string | number | bigint>(one: Member, other: Member): number {
  return one < other ? -1 : one > other ? 1 : 0
}
