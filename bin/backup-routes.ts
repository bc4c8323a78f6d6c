// The address that copies all data while the service runs. Called by start.ts; `plimsoll backup` asks it.
import { z } from 'zod'
import { type Route, route } from '#core/http/route.ts'
import type { Engines } from './engines.ts'

const wanted = z.strictObject({
  folder: z
    .string()
    .describe('A whole path on the machine of the service; the folder is made and must be empty.'),
})

export const backupRoutes = (engines: Pick<Engines, 'backup'>): Route[] => [
  route({
    method: 'POST',
    path: '/api/plimsoll/v1/backup',
    scope: 'admin',
    summary: 'Copies all data into a new folder, consistent, while everything goes on.',
    body: wanted,
    handle: async ({ body: { folder } }) => ({ body: await engines.backup(folder) }),
  }),
]
