// Node's HTTP. An import of it by name would read all that it has to offer, WebSocket too, and for that Node loads a
// second client: 25 ms of every start, and memory for good. Called by whoever sends or answers requests.
import type { Agent as HttpAgent } from 'node:http'

export type Agent = HttpAgent
export const { Agent, request, STATUS_CODES } = process.getBuiltinModule('node:http')
