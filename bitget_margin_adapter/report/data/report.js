// Draws the figure, in the page's own colours: they change with the reader's preference for dark or light.
const chart = document.getElementById("chart");
const figure = JSON.parse(document.getElementById("figure").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const axes = Object.keys(figure.layout).filter((name) => /^[xy]axis/.test(name));

function themed() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const update = {
    "font.color": colour("--text"), "font.family": getComputedStyle(document.body).fontFamily,
    "hoverlabel.bgcolor": colour("--card"), "hoverlabel.bordercolor": colour("--line"),
    "hoverlabel.font.color": colour("--text"),
    "modebar.color": colour("--soft"), "modebar.activecolor": colour("--text"), "modebar.bgcolor": "rgba(0,0,0,0)",
  };
  for (const axis of axes) {
    update[axis + ".gridcolor"] = colour("--line");
    update[axis + ".linecolor"] = colour("--line");
  }
  return update;
}

// On a small screen every pixel counts; with a finger, dragging has to scroll the page.
const small = window.innerWidth < 640;
if (small) Object.assign(figure.layout.margin, { l: 44, r: 6 });
if (window.matchMedia("(pointer: coarse)").matches) figure.layout.dragmode = false;

Plotly.newPlot(chart, figure.data, figure.layout, {
  responsive: true, displaylogo: false, displayModeBar: small ? false : "hover",
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  // The report stays where it is: Plotly's button that uploads a figure is taken away, and its address with it.
  showSendToCloud: false, plotlyServerURL: "",
}).then(() => Plotly.relayout(chart, themed()));
dark.addEventListener("change", () => Plotly.relayout(chart, themed()));
