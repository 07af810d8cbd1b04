"use strict";

// ---- the table sorts by the column whose heading is clicked; empty cells stay last
const table = document.getElementById("summary");
for (const heading of table.tHead.rows[0].cells) {
  heading.querySelector("button").addEventListener("click", () => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.cells[heading.cellIndex].textContent;
    const compare = (a, b) => {
      if (a === "" || b === "") return (a === "") - (b === "");
      return (down ? -1 : 1) * a.localeCompare(b, "en", { numeric: true });
    };
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort((a, b) => compare(value(a), value(b))));
  });
}

// ---- the 3D view: a case's volumes are decoded when it is asked for, one case at a time
const view = document.getElementById("view");
let viewer = null;

async function show(number, title) {
  view.hidden = false;
  document.getElementById("view-title").textContent = title;
  view.scrollIntoView({ behavior: "smooth" });
  if (!document.createElement("canvas").getContext("webgl2")) {
    document.getElementById("view-note").textContent = "This browser has no WebGL2, which the 3D view needs.";
    return;
  }
  if (viewer === null) {
    viewer = new niivue.Niivue({
      backColor: [0, 0, 0, 1], crosshairWidth: 0.5, crosshairColor: [0.3, 0.6, 1, 0.8], logLevel: "error",
      dragAndDropEnabled: false, isRadiologicalConvention: true, sagittalNoseLeft: true,
      multiplanarShowRender: niivue.SHOW_RENDER.ALWAYS,
    });
    await viewer.attachToCanvas(document.getElementById("canvas"));
  }
  while (viewer.volumes.length) viewer.removeVolume(viewer.volumes[0]);
  for (const [kind, colormap] of [["scan", "gray"], ["vessels", "red"]]) {
    const data = document.getElementById(`${kind}-${number}`);
    if (data === null) continue; // a scan without brain mask is not shown
    viewer.addVolume(await niivue.NVImage.loadFromBase64({
      base64: data.textContent, name: `${kind}.nii.gz`, colormap, cal_min: kind === "scan" ? 0 : 1, cal_max: 255,
    }));
  }
  applyOpacity();
  applyKind();
  viewer.setRenderAzimuthElevation(160, 15); // from in front
}

function applyOpacity() {
  const last = viewer.volumes.length - 1;
  if (last > 0) viewer.setOpacity(0, Number(document.getElementById("scan-opacity").value));
  viewer.setOpacity(last, Number(document.getElementById("vessel-opacity").value));
}

function applyKind() {
  const kind = document.getElementById("view-kind").value;
  const { ALWAYS, NEVER } = niivue.SHOW_RENDER;
  viewer.opts.multiplanarShowRender = kind === "slices" ? NEVER : ALWAYS;
  viewer.setSliceType(kind === "render" ? viewer.sliceTypeRender : viewer.sliceTypeMultiplanar);
}

for (const button of document.querySelectorAll("button.show")) {
  button.addEventListener("click", () => show(button.dataset.case, button.dataset.title));
}
document.getElementById("scan-opacity").addEventListener("input", applyOpacity);
document.getElementById("vessel-opacity").addEventListener("input", applyOpacity);
document.getElementById("view-kind").addEventListener("change", applyKind);
document.getElementById("view-close").addEventListener("click", () => { view.hidden = true; });
