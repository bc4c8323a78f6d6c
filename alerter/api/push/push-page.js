// The page /push in the browser: what this browser can do, and the buttons that begin, end and try it. Words come with the
// page, in `data-say`; what stands here is shown by its `id` or made from the list of devices.

const root = document.getElementById('push')
const say = JSON.parse(root.dataset.say)
// Behind a prefix this is not the root.
const base = new URL('.', document.currentScript.src)
const api = path => new URL(`api/plimsoll/v1/push/${path}`, base)

const at = id => document.getElementById(id)

const isApple = () =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) ||
  (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1)
const isOnHomeScreen = () => matchMedia('(display-mode: standalone)').matches || navigator.standalone === true

// Nothing where nothing is missing.
function missing() {
  if (!isSecureContext) return say.needsHttps
  const isAble = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window
  if (!isAble) return isApple() && !isOnHomeScreen() ? say.needsHomeScreen : say.unable
  return Notification.permission === 'denied' ? say.denied : undefined
}

async function ask(path, method = 'GET', body) {
  const answer = await fetch(api(path), {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // The login has ended: after the next one this page comes back.
  if (answer.status === 401) location.reload()
  const text = await answer.text()
  const found = text === '' ? {} : JSON.parse(text)
  if (!answer.ok) throw new Error(found.error?.detail ?? `HTTP ${answer.status}`)
  return found
}

function tell(text, mood = '') {
  const line = at('said')
  line.textContent = text
  line.className = mood
}

// One at a time, and whatever goes wrong is said.
const doing = work => async event => {
  event?.preventDefault()
  const buttons = [...root.querySelectorAll('button')]
  for (const each of buttons) each.disabled = true
  tell(say.wait, 'soft')
  try {
    tell((await work()) ?? '', 'good')
    await show()
  } catch (error) {
    tell(error.name === 'NotAllowedError' ? say.denied : `${say.failed} ${error.message}`, 'bad')
    await show().catch(() => {})
  }
  for (const each of buttons) each.disabled = false
}

const subscriptionOf = async () => {
  const registration = await navigator.serviceWorker.getRegistration(base)
  return (await registration?.pushManager.getSubscription()) ?? null
}

// As the server names it: the digest of the address, shortened.
async function idOf({ endpoint }) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint))
  return [...new Uint8Array(digest)]
    .map(each => each.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, 32)
}

const bytesOf = text =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), sign => sign.charCodeAt(0))
const isSame = (one, other) =>
  one.length === other.length && one.every((each, index) => each === other[index])

async function begin() {
  // Asked at once, while the touch still counts.
  if ((await Notification.requestPermission()) !== 'granted') throw new Error(say.notAllowed)
  await navigator.serviceWorker.register(new URL('push-worker.js', base), { scope: base.pathname })
  const { pushManager } = await navigator.serviceWorker.ready
  const key = bytesOf((await ask('devices')).publicKey)
  let subscription = await pushManager.getSubscription()
  // That of another installation, or of one before it was made anew.
  if (
    subscription !== null &&
    !isSame(new Uint8Array(subscription.options.applicationServerKey ?? []), key)
  ) {
    await subscription.unsubscribe()
    subscription = null
  }
  subscription ??= await subscribed(pushManager, key)
  await ask('devices', 'POST', { ...subscription.toJSON(), name: at('name').value.trim() || deviceName() })
  return say.begun
}

// Where the service of the browser's maker cannot be reached, some browsers wait for ever.
const patienceMs = 30_000

async function subscribed(pushManager, applicationServerKey) {
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error(say.noService)), patienceMs))
  try {
    return await Promise.race([pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }), late])
  } catch (error) {
    throw error.name === 'AbortError' ? new Error(`${say.noService} (${error.message})`) : error
  }
}

async function end(id, isThis) {
  if (isThis) await (await subscriptionOf())?.unsubscribe()
  await ask(`devices/${id}`, 'DELETE')
  return say.ended
}

async function test(id) {
  const { said } = await ask(`devices/${id}/test`, 'POST')
  if (said !== null) throw new Error(said)
  return say.sent
}

function deviceName() {
  const system = /iPhone|iPad|Android|Windows|Mac OS|CrOS|Linux/.exec(navigator.userAgent)?.[0] ?? ''
  const browser = /Edg|Firefox|OPR|SamsungBrowser|Chrome|Safari/.exec(navigator.userAgent)?.[0] ?? ''
  const names = { 'Mac OS': 'Mac', CrOS: 'Chromebook', Edg: 'Edge', OPR: 'Opera', SamsungBrowser: 'Samsung' }
  return [names[system] ?? system, names[browser] ?? browser].filter(each => each !== '').join(' · ')
}

function element(name, text, className) {
  const made = document.createElement(name)
  made.textContent = text
  if (className !== undefined) made.className = className
  return made
}

function button(text, work) {
  const made = element('button', text, 'quiet')
  made.addEventListener('click', doing(work))
  return made
}

const clock = atMs =>
  new Date(atMs).toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' })

function line(device, isThis) {
  const { id, name, service, createdAtMs, deliveredAtMs, trouble } = device
  const made = document.createElement('li')
  made.append(element('b', name), ...(isThis ? [' ', element('span', say.thisOne, 'good')] : []))
  const told = deliveredAtMs === null ? say.neverTold : say.told.replace('{}', clock(deliveredAtMs))
  const since = say.since.replace('{}', clock(createdAtMs))
  for (const text of [`${service} · ${since}`, told]) made.append(element('p', text, 'soft'))
  if (trouble !== null) made.append(element('p', `${clock(trouble.atMs)}: ${trouble.text}`, 'bad'))
  made.append(
    button(say.test, () => test(id)),
    button(say.remove, () => end(id, isThis)),
  )
  return made
}

async function show() {
  const [{ devices }, lacking] = [await ask('devices'), missing()]
  const subscription = lacking === undefined || lacking === say.denied ? await subscriptionOf() : null
  const own = subscription === null ? undefined : await idOf(subscription)
  const isTold = lacking === undefined && devices.some(({ id }) => id === own)
  const state = at('state')
  state.textContent = lacking ?? (isTold ? say.isTold : say.isNotTold)
  state.className = lacking === undefined ? (isTold ? 'good' : '') : 'bad'
  at('begin').hidden = lacking !== undefined || isTold
  at('none').hidden = devices.length > 0
  at('devices').replaceChildren(...devices.map(each => line(each, each.id === own)))
}

at('name').placeholder = deviceName()
at('begin').addEventListener('submit', doing(begin))
show().catch(error => tell(`${say.failed} ${error.message}`, 'bad'))
