// Scan and vessels in NiiVue.

/** @typedef {import("@niivue/niivue").Niivue} Niivue */
/** @typedef {typeof import("@niivue/niivue")} Library */

const { Niivue, NVImage, SHOW_RENDER } = /** @type {Library} */ (
  await import(new URL("./libraries/niivue.js", import.meta.url).href)
);

export class Viewer {
  /** @param {Niivue} niivue */
  constructor(niivue) {
    this.niivue = niivue;
  }

  /** @param {HTMLCanvasElement} canvas @returns {Promise<Viewer>} */
  static async on(canvas) {
    if (!document.createElement("canvas").getContext("webgl2")) throw new Error("this browser has no WebGL2.");
    const niivue = new Niivue({
      backColor: [0, 0, 0, 1], crosshairWidth: 0.5, crosshairColor: [0.3, 0.6, 1, 0.8], logLevel: "error",
      dragAndDropEnabled: false, isRadiologicalConvention: true, sagittalNoseLeft: true,
      multiplanarShowRender: SHOW_RENDER.ALWAYS,
    });
    await niivue.attachToCanvas(canvas);
    niivue.setRenderAzimuthElevation(160, 15); // from in front
    return new Viewer(niivue);
  }

  /** @param {File} file */
  async showScan(file) {
    while (this.niivue.volumes.length) this.niivue.removeVolume(this.niivue.volumes[0]);
    this.niivue.addVolume(await NVImage.loadFromFile({ file, name: file.name, colormap: "gray" }));
  }

  /** @param {Blob} file  a mask on the scan's grid */
  async addVessels(file) {
    const named = new File([file], "vessels.nii");
    this.niivue.addVolume(await NVImage.loadFromFile({ file: named, name: named.name, colormap: "red", cal_min: 0, cal_max: 1 }));
  }

  /** @param {Uint8Array<ArrayBuffer>} mask  in the order of its file */
  setMask(mask) {
    if (this.niivue.volumes.length < 2) return;
    this.niivue.volumes[1].img = mask;
    this.niivue.updateGLVolume();
  }

  /** @param {number} volume  0: the scan, 1: the vessels @param {number} opacity */
  setOpacity(volume, opacity) {
    if (this.niivue.volumes.length > volume) this.niivue.setOpacity(volume, opacity);
  }

  /** @param {string} kind  both, render or slices */
  setKind(kind) {
    this.niivue.opts.multiplanarShowRender = kind === "slices" ? SHOW_RENDER.NEVER : SHOW_RENDER.ALWAYS;
    this.niivue.setSliceType(kind === "render" ? this.niivue.sliceTypeRender : this.niivue.sliceTypeMultiplanar);
  }
}
