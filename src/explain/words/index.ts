import { en } from './en'
import type { Language, Words } from './words'
import { zh } from './zh'

export const wordsOf: Readonly<Record<Language, Words>> = { en, zh }
