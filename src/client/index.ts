export * from './client'
export * from './errors'
export type { ListenOptions, LiveEvent } from './live-events'
