// Vessels of many scans by Nextflow, one task for each share of them:
//   nextflow run docs/cluster/vessels.nf --scans SCANS --out OUT --shares 8
// On SLURM: -process.executor slurm. A scan that fails ends its share with an error, when the others of the share are
// done, and the other shares go on. The same command does what is missing; scans that are done are skipped.
params.scans = null
params.out = null
params.shares = 10

process SHARE {
    tag "${share} of ${params.shares}"
    cpus 4
    memory '4 GB'
    time '12h'
    errorStrategy 'ignore'

    input:
    val share

    script:
    """
    cd '${projectDir}/../..'
    export OMP_NUM_THREADS=${task.cpus}
    python -m monai.bundle run --config_file configs/inference.yaml --dataset_dir '${file(params.scans)}' --output_dir '${file(params.out)}' --shard ${share}/${params.shares}
    """
}

workflow {
    SHARE(channel.of(1..(params.shares as int)))
}
