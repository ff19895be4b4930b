const words = { DOWNLOAD_ACTION: "下载", SVG_ACTION: "保存为 SVG", PNG_ACTION: "保存为 PNG", CLICK_TO_VIEW_ACTIONS: "点击查看操作" };
const options = { renderer: "svg", ast: true, actions: { export: true, source: false, compiled: false, editor: false }, i18n: words, config: JSON.parse(document.getElementById("look").textContent) };
async function draw(place) {
  const spec = JSON.parse(document.getElementById(`${place.id}-spec`).textContent);
  const still = place.firstElementChild;
  const live = document.createElement("div");
  place.append(live);
  try {
    await vegaEmbed(live, spec, options);
    still.remove();
  } catch (problem) {
    live.remove(); // the still picture stays
    console.warn(problem);
  }
}
const seen = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => { seen.unobserve(entry.target); draw(entry.target); }), { rootMargin: "600px" });
document.querySelectorAll(".live").forEach((place) => seen.observe(place));
