import { judgedKinds } from '../model/event'
import type { JudgedKind } from '../model/event'
import type { Offence } from '../model/records'

/** The kind of event whose number an offence is about; undefined where it is about none. */
export function kindOf(offence: Offence): JudgedKind | undefined {
  return judgedKinds.find((kind) => offence === `inflated-${kind}s`)
}
