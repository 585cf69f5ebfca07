// Keeps the page current: when the sandbox says that something has changed,
// the page is fetched again, and the parts that differ take the place of the
// old ones. Forms go the same way, so that nobody loses the place.
'use strict'

const byId = id => document.getElementById(id)
document.documentElement.classList.add('js')

// What the server said of each part, to tell what has changed since.
const said = new WeakMap()
for (const part of document.querySelectorAll('[data-live] > *')) said.set(part, part.outerHTML)

// update makes a list what it is in a newer page. Parts that stay are not moved,
// so what has the focus keeps it.
function update(list, newer) {
  const parts = [...newer.children]
  const ids = new Set(parts.map(part => part.id))
  for (const old of [...list.children]) {
    if (!ids.has(old.id)) remove(old, list)
  }
  const fresh = []
  let place = list.firstElementChild
  for (const part of parts) {
    const text = part.outerHTML
    const old = byId(part.id)
    if (!old) {
      list.insertBefore(part, place)
      fresh.push(part)
    } else if (said.get(old) !== text) {
      place = old.nextElementSibling
      replace(old, part)
    } else {
      place = old.nextElementSibling
      continue
    }
    said.set(part, text)
  }
  if ('announce' in list.dataset) announce(fresh.filter(part => part.dataset.say))
}

function remove(part, list) {
  const focused = part.contains(document.activeElement)
  part.remove()
  if (focused) list.closest('section')?.querySelector('h2')?.focus()
}

function replace(old, part) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null
  part.classList.toggle('new', old.classList.contains('new'))
  old.replaceWith(part)
  if (focused) focusIn(part, focused.value)
}

// focusIn keeps the focus in a part that was replaced: on the same button if
// there still is one.
function focusIn(part, value) {
  const buttons = [...part.querySelectorAll('button')]
  const target = buttons.find(button => value && button.value === value) ?? part.querySelector('[tabindex], button, a')
  target?.focus()
}

// announce tells of new messages, in words and by their look.
function announce(fresh) {
  if (fresh.length === 0) return
  for (const old of document.querySelectorAll('.new')) old.classList.remove('new')
  for (const part of fresh) part.classList.add('new')
  say(fresh.length === 1 ? fresh[0].dataset.say : `${fresh.length} new messages`)
}

function say(text) {
  const paragraph = document.createElement('p')
  paragraph.textContent = text
  setStatus(paragraph)
}

// setStatus shows what was done or has come, and setAlert what was not done,
// long enough to be read.
const setStatus = shower('status')
const setAlert = shower('alert')
function shower(id) {
  let hiding
  return (...paragraphs) => {
    byId(id).replaceChildren(...paragraphs)
    clearTimeout(hiding)
    hiding = setTimeout(() => byId(id).replaceChildren(), 20000)
  }
}

// show makes this page what a newer one is, the words about what was done
// included if the newer one is the answer to that.
function show(text, answer) {
  const newer = new DOMParser().parseFromString(text, 'text/html')
  if (answer) {
    setStatus(...newer.getElementById('status').children)
    setAlert(...newer.getElementById('alert').children)
  }
  for (const list of document.querySelectorAll('[data-live]')) update(list, newer.getElementById(list.id))
  setClock()
}

// refresh fetches the page, once at a time, and once more if asked meanwhile.
let running = false
let again = false
async function refresh() {
  if (running) {
    again = true
    return
  }
  running = true
  do {
    again = false
    try {
      const at = new URL(location.href)
      at.searchParams.delete('done')
      const answer = await fetch(at, { headers: { Accept: 'text/html' } })
      show(await answer.text(), false)
    } catch {
      // The sandbox is gone; the feed says so, and when it is back.
    }
  } while (again)
  running = false
}

// watch follows the feed while somebody can see the page.
const live = byId('live')
let feed = null
function watch() {
  if (document.hidden) {
    feed?.close()
    feed = null
    return
  }
  if (feed) return
  feed = new EventSource(document.body.dataset.events)
  feed.addEventListener('change', () => {
    tell(true)
    refresh()
  })
  feed.addEventListener('error', () => {
    tell(false)
    if (feed?.readyState === EventSource.CLOSED) {
      feed = null
      setTimeout(watch, 2000)
    }
  })
}

function tell(on) {
  live.hidden = false
  live.classList.toggle('on', on)
  live.textContent = on ? 'live' : 'not connected'
}

document.addEventListener('visibilitychange', watch)
watch()

// Forms that do something are sent from here; their answer is the page. A form's
// properties may be hidden by fields of the same names, its attributes not.
document.addEventListener('submit', async event => {
  const form = event.target
  if (form.getAttribute('method') !== 'post') return
  event.preventDefault()
  const answer = await fetch(form.getAttribute('action'), {
    method: 'POST',
    headers: { Accept: 'text/html' },
    body: new URLSearchParams(new FormData(form, event.submitter)),
  }).catch(() => null)
  if (answer) {
    show(await answer.text(), true)
  } else {
    tell(false)
  }
})

// The clock goes on between changes.
let ahead = 0
function setClock() {
  ahead = Date.parse(document.querySelector('#clock-now time').dateTime) - Date.now()
}
setClock()
setInterval(() => {
  const two = n => String(n).padStart(2, '0')
  const t = new Date(Date.now() + ahead)
  document.querySelector('#clock-now time').textContent =
    `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`
}, 1000)
