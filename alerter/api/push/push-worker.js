// Shows what web push brings, on the lock screen of whoever it is for, and opens its page when it is touched. Runs in
// browsers, as /push-worker.js; what it reads is made by alerter/web-push/notification.ts.

const ours = path => {
  const scope = new URL(self.registration.scope)
  // Nothing that was sent leads to another host.
  const url = new URL(scope.pathname.replace(/\/$/, '') + path, scope)
  return url.origin === scope.origin ? url.href : scope.href
}

self.addEventListener('push', event => {
  let shown = {}
  try {
    shown = event.data.json()
  } catch {
    // Browsers want something to be shown for each; this one still says that something came.
  }
  const { title = 'Plimsoll', body = '', tag = 'plimsoll', path = '/', lang, atMs, stays, silent } = shown
  event.waitUntil(
    self.registration.showNotification(title, {
      ...{ body, tag, lang, icon: ours('/push-icon.png'), data: { path } },
      // What takes the place of another makes a sound again, unless it is one that makes none.
      renotify: silent !== true,
      silent: silent === true,
      requireInteraction: stays === true,
      ...(atMs === undefined ? {} : { timestamp: atMs }),
    }),
  )
})

self.addEventListener('notificationclick', event => {
  event.notification.close()
  event.waitUntil(open(ours(event.notification.data?.path ?? '/')))
})

async function open(url) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const same = windows.find(each => each.url === url)
  if (same !== undefined) return same.focus()
  return self.clients.openWindow(url)
}

// The browser has another address now: the old one tells nobody any more.
self.addEventListener('pushsubscriptionchange', event => {
  event.waitUntil(renew(event))
})

async function renew({ newSubscription, oldSubscription }) {
  const { pushManager } = self.registration
  const options = oldSubscription?.options
  const subscription =
    newSubscription ?? (options === undefined ? null : await pushManager.subscribe(options).catch(() => null))
  if (subscription === null) return
  await fetch(ours('/api/plimsoll/v1/push/devices'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: self.navigator.userAgentData?.platform ?? 'browser',
      ...subscription.toJSON(),
    }),
  })
}

// A new version counts at once: there are no pages that would miss the old one.
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))
