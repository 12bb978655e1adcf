/**
 * What a token may do, each with all that stands before it: see verdicts and numbers; see persons, texts and
 * explanations, and rule on verdicts; see the policy with every threshold, and rule in the name of others.
 */
export const accessRoles = ['viewer', 'analyst', 'operator'] as const
export type AccessRole = (typeof accessRoles)[number]

/** As whom somebody without a token reads. */
export const readersWithoutToken = ['nothing', ...accessRoles] as const
export type ReadWithoutToken = (typeof readersWithoutToken)[number]

/** Whether a role may do what another one may. */
export function isAtLeast(role: AccessRole, needed: AccessRole): boolean {
  return accessRoles.indexOf(role) >= accessRoles.indexOf(needed)
}
