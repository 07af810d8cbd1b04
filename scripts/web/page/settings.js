// settings.json, which configs/web.yaml writes out of the bundle's configs and code: no number of theirs stands here.

/** @typedef {import("./volume/volume.js").Triple} Triple */
/**
 * Lengths in mm; what each number means stands where it is written: scripts/web/page_settings.py.
 * @typedef {object} Settings
 * @property {{bundle: string, weights: string, sha256: string}} about
 * @property {Triple} spacing
 * @property {number} margin
 * @property {"auto" | "none"} brain_mask_mode
 * @property {Triple | "auto"} window
 * @property {{least: number, most: number, step: number}} fitted_windows
 * @property {number} overlap
 * @property {"gaussian" | "constant"} blending
 * @property {number} threshold
 * @property {number} probability_steps
 * @property {number} lowest_threshold
 * @property {number} min_component
 * @property {number} connectivity
 * @property {Record<"vessels" | "probability" | "brain_mask", {end: string, intent: number, meaning: string}>} files
 * @property {{voxel: [number, number], shear: number, labels: number, rounding: number, depth: number, component_rounding: number}} checks
 * @property {{working_spacing: number, bridge: number, closing: number, bias: number, hole: number, margin: number,
 *   air: number, noise: number, scalp: number, without_eyes: number, without_scalp: number,
 *   stricter: number[], skin: number, exposed: number, gap: number, bright: number, around: number, inside: number,
 *   least: number, stripped: number, touching: number, sparse: number, tight: number}} brain_mask
 * @property {{mad_to_sigma: number, darkest: number, brightest: number}} normalisation
 * @property {{coarse: number, few: number, many: number, standing_out: number, least: number,
 *   air: [number, number], soft_tissue: [number, number], air_share: number}} contrast
 * @property {{ranges: Record<string, (number | null)[]>, words: Record<string, string>, enough: number}} trained_range
 */

/** @returns {Promise<Settings>} */
export async function readSettings() {
  const answer = await fetch(new URL("settings.json", import.meta.url));
  if (!answer.ok) throw new Error("settings.json is missing: write the page anew.");
  return answer.json();
}
