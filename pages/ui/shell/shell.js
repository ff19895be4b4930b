// Streamlit's own words in Chinese; a menu whose links keep the study, and that closes after a tap on a narrow screen.
// What data or users say is never touched: see DATA. Called with words.toml.
(({ words, patterns }) => {
  const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt", "aria-roledescription"]
  const DATA = [
    "script, style, canvas, table, pre, code, svg text",
    "input, textarea, [contenteditable]",
    "[role=option], [role=listbox]",
    "[data-testid=stMarkdownContainer]",
    "[data-testid=stText]",
    "[data-testid=stFileUploaderFileName]",
    "[data-testid=stMetricValue]",
    "[data-testid=stMultiSelect] [data-baseweb=tag]",
  ].join(",")
  const SHELL = [
    "[data-testid=stFileUploaderDropzone]",
    "[data-testid=stTooltipContent]",
    "[data-testid=stTooltipErrorContent]",
    "[data-testid=stElementToolbar]",
    "[data-testid=stConnectionStatus]",
  ].join(",")
  const PAGE = "[data-testid=stSidebarNavLink]"
  const ICON = `${PAGE} [role=img]` // its name is English; the page's name stands beside it
  const NARROW = 768
  const rules = patterns.map(({ find, say }) => [new RegExp(find), say])
  const notices = patterns.filter(({ anywhere }) => anywhere).map(({ find, say }) => [new RegExp(find), say])

  const chinese = (text) => {
    const said = text.trim()
    if (!/[A-Za-z]{2}/.test(said)) return null
    if (Object.hasOwn(words, said)) return text.replace(said, words[said])
    const [, button, of] = said.match(/^([^:]+): (.+)$/) ?? []
    if (button && Object.hasOwn(words, button)) return `${words[button]}：${of}`
    const [find, say] = rules.find(([find]) => find.test(said)) ?? []
    return find ? said.replace(find, say) : null
  }

  const isShell = (element) =>
    element && (!element.closest(DATA) || Boolean(element.closest(SHELL)))

  const noticed = (text) => notices.find(([find]) => find.test(text.trim()))?.[1] ?? null

  const sayText = (node) => {
    const said = isShell(node.parentElement) ? chinese(node.data) : noticed(node.data)
    if (said !== null) node.data = said
  }

  const hide = (icon) => {
    icon.setAttribute("aria-hidden", "true")
    icon.removeAttribute("aria-label")
  }

  const sayAttributes = (element) => {
    if (element.closest("canvas, table")) return
    if (element.matches(ICON)) return hide(element)
    for (const name of ATTRIBUTES) {
      const value = element.getAttribute(name)
      const said = value && chinese(value)
      if (said) element.setAttribute(name, said)
    }
  }

  const sayAll = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return sayText(root)
    if (root.nodeType !== Node.ELEMENT_NODE) return
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
    for (let node = root; node; node = walker.nextNode())
      node.nodeType === Node.TEXT_NODE ? sayText(node) : sayAttributes(node)
  }

  const changed = ({ type, target, addedNodes }) => {
    if (type === "characterData") sayText(target)
    else if (type === "attributes") sayAttributes(target)
    else addedNodes.forEach(sayAll)
  }

  new MutationObserver((changes) => changes.forEach(changed)).observe(document.documentElement, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ATTRIBUTES,
  })
  sayAll(document.documentElement)

  // A page of the menu that is opened in a tab of its own shows the same study.
  const keepStudy = ({ target }) => {
    const link = target.closest?.(PAGE)
    const study = new URLSearchParams(location.search).get("study")
    if (link && study) link.search = new URLSearchParams({ study })
  }
  const closeMenu = ({ target }) => {
    if (!target.closest?.(PAGE) || window.innerWidth > NARROW) return
    document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click()
  }
  // However often the address changes after one act of the user, that is one step back: what the app adds by itself is none.
  const push = history.pushState.bind(history)
  let hasActed = false
  history.pushState = (...step) => {
    hasActed ? push(...step) : history.replaceState(...step)
    hasActed = false
  }
  for (const kind of ["pointerdown", "keydown", "click"]) document.addEventListener(kind, () => (hasActed = true), true)
  document.addEventListener("click", closeMenu)
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, keepStudy, true)
})
