const SWITCHES = ["websocketBlocked", "websocketHangs", "slow", "silent", "cut"];

/**
 * The switches as HTML, so that nothing moves when the page's script comes. They are disabled until parts/switchboard.js
 * listens to them.
 *
 * @param {(key: string) => string} t gives escaped texts
 */
export function switchesPart(t) {
  const items = SWITCHES.map(
    (name) =>
      `<li><label><input type="checkbox" role="switch" name="${name}" autocomplete="off" disabled /><span><b>${t(`switches.${name}.label`)}</b><small>${t(`switches.${name}.hint`)}</small></span></label></li>`,
  );
  return `<section id="switches" class="panel switchboard" aria-labelledby="switches-title">
      <h2 id="switches-title">${t("switches.title")}</h2>
      <ul class="switches">
        ${items.join("\n        ")}
        <li><button type="button" data-restart disabled>${t("switches.restart")}</button></li>
      </ul>
      <p class="hint" role="alert"></p>
    </section>`;
}
