"""The tables of what was measured."""

from dataclasses import replace

import polars as pl

from dejavu_tui.tables.table import Column, Table

SAMPLES = Table(
    "samples",
    ("run", "epoch", "layer", "k", "image_id"),
    (
        Column("run", pl.String, "training of A and B"),
        Column("epoch", pl.Int64, "of the snapshot"),
        Column("layer", pl.String, "of the embedding"),
        Column("k", pl.Int64, "neighbours that vote"),
        Column("image_id", pl.Int64, "attacked image"),
        Column("path", pl.String, "relative to the source folder"),
        Column("part", pl.String, "A, B or E; the target encoder of B is SSL_B, of A and E it is SSL_A"),
        Column("label", pl.Int64, "true class"),
        Column("label_name", pl.String, "its name"),
        Column("target_guess", pl.Int64, "class that KNN of the target encoder infers"),
        Column("target_confidence", pl.Float64, "negative entropy of its votes, nats, -ln k to 0"),
        Column("target_hit", pl.Boolean, "the true class is the guess"),
        Column("reference_guess", pl.Int64, "the same of the reference encoder"),
        Column("reference_confidence", pl.Float64, ""),
        Column("reference_hit", pl.Boolean, ""),
        Column("kind", pl.String, "memorized, correlated, misrepresented or unassociated"),
        Column("confidence_gap", pl.Float64, "target_confidence - reference_confidence"),
        Column("crop_x0", pl.Int64, "what the encoders were shown, in pixels"),
        Column("crop_y0", pl.Int64, ""),
        Column("crop_x1", pl.Int64, ""),
        Column("crop_y1", pl.Int64, ""),
        Column("target_neighbours", pl.List(pl.Int64), "image ids in X, nearest first, k long"),
        Column("target_distances", pl.List(pl.Float64), "Euclidean, same order"),
        Column("reference_neighbours", pl.List(pl.Int64), ""),
        Column("reference_distances", pl.List(pl.Float64), ""),
    ),
)

TRACE = Table(
    "trace",
    SAMPLES.key,
    (
        *SAMPLES.columns,
        Column("target_guess_name", pl.String, "name of the class that the target encoder's neighbours infer"),
        Column("target_label_votes", pl.Int64, "how many of its k neighbours are of the true class"),
        Column("reference_guess_name", pl.String, "the same of the reference encoder"),
        Column("reference_label_votes", pl.Int64, ""),
    ),
)

SCORES = Table(
    "scores",
    ("run", "epoch", "layer", "k", "top_percent", "label_rank", "direction", "search"),
    (
        Column("run", pl.String, "training of A and B"),
        Column("method", pl.String, "self-supervised method", nullable=True),
        Column("arch", pl.String, "network", nullable=True),
        Column("epoch", pl.Int64, "of the snapshot"),
        Column("train_size", pl.Int64, "images of A, and as many of B", nullable=True),
        Column("layer", pl.String, "of the embedding"),
        Column("k", pl.Int64, "neighbours that vote"),
        Column("top_percent", pl.Int64, "p: share of most confident images, 1 to 100"),
        Column("label_rank", pl.Int64, "a hit is the true class among so many first guesses"),
        Column("direction", pl.String, "both (mean of A and B), A, B or E"),
        Column("n", pl.Int64, "attacked images"),
        Column("accuracy_target", pl.Float64, "of the target encoder on its own top p%", nullable=True),
        Column("accuracy_reference", pl.Float64, "of the reference encoder on its own top p%", nullable=True),
        Column("dejavu_score", pl.Float64, "accuracy_target - accuracy_reference", nullable=True),
        Column("ci_low", pl.Float64, "95% percentile bootstrap over images", nullable=True),
        Column("ci_high", pl.Float64, "", nullable=True),
        Column("memorized", pl.Float64, "share of all attacked images", nullable=True),
        Column("correlated", pl.Float64, "", nullable=True),
        Column("misrepresented", pl.Float64, "", nullable=True),
        Column("unassociated", pl.Float64, "", nullable=True),
        Column("mcnemar_p", pl.Float64, "exact test of memorized against misrepresented", nullable=True),
        Column("tie_block", pl.Int64, "images of equal confidence at the cut, the larger", nullable=True),
        Column("probe_train", pl.Float64, "linear probe on the encoder's own training set", nullable=True),
        Column("probe_test", pl.Float64, "on held-out images", nullable=True),
        Column("probe_gap", pl.Float64, "probe_train - probe_test", nullable=True),
        Column("search", pl.String, "exact or hnsw"),
        Column("recall", pl.Float64, "of the search against exact, the lower of the two", nullable=True),
        Column("encoder_target", pl.String, "sha256 of the ONNX file"),
        Column("encoder_reference", pl.String, ""),
        Column("seed", pl.Int64, "of the audit"),
        Column("note", pl.String, "why a field is empty", nullable=True),
    ),
)

_GLANCE = (
    "n",
    "dejavu_score",
    "ci_low",
    "ci_high",
    "memorized",
    "correlated",
    "misrepresented",
    "unassociated",
    "probe_train",
    "probe_test",
    "probe_gap",
)
OVERVIEW = Table(
    "overview",
    ("run", "epoch"),
    (
        Column("run", pl.String, "training of A and B"),
        Column("epoch", pl.Int64, "of the snapshot"),
        Column("layer", pl.String, "that is measured where none is named"),
        Column("stage", pl.String, "trained, exported, embedded or scored: the last that is done"),
        Column("index", pl.Boolean, "the index of X that queries use is there"),
        *(replace(column, nullable=True) for column in SCORES.columns if column.name in _GLANCE),
        Column("note", pl.String, "what is damaged, and what to do", nullable=True),
    ),
)

CLASSES = Table(
    "classes",
    ("run", "epoch", "layer", "k", "label_rank", "direction", "label"),
    (
        Column("run", pl.String, "training of A and B"),
        Column("epoch", pl.Int64, "of the snapshot"),
        Column("layer", pl.String, "of the embedding"),
        Column("k", pl.Int64, "neighbours that vote"),
        Column("label_rank", pl.Int64, "a hit is the true class among so many first guesses"),
        Column("direction", pl.String, "both (A and B together), A, B or E"),
        Column("label", pl.Int64, "true class"),
        Column("label_name", pl.String, "its name"),
        Column("n", pl.Int64, "attacked images of the class"),
        Column("accuracy_target", pl.Float64, "of the target encoder on all of them", nullable=True),
        Column("accuracy_reference", pl.Float64, "of the reference encoder on all of them", nullable=True),
        Column("gap", pl.Float64, "accuracy_target - accuracy_reference", nullable=True),
        Column("memorized", pl.Float64, "share of the attacked images of the class", nullable=True),
        Column("correlated", pl.Float64, "", nullable=True),
        Column("misrepresented", pl.Float64, "", nullable=True),
        Column("unassociated", pl.Float64, "", nullable=True),
        Column("note", pl.String, "why a field is empty", nullable=True),
    ),
)

HISTOGRAM = Table(
    "histogram",
    ("run", "epoch", "layer", "k", "part", "encoder", "kind", "low"),
    (
        Column("run", pl.String, "training of A and B"),
        Column("epoch", pl.Int64, "of the snapshot"),
        Column("layer", pl.String, "of the embedding"),
        Column("k", pl.Int64, "neighbours that vote"),
        Column("part", pl.String, "A, B or E"),
        Column("encoder", pl.String, "target or reference: whose confidence"),
        Column("kind", pl.String, "memorized, correlated, misrepresented or unassociated"),
        Column("low", pl.Float64, "confidence in nats from here, -ln k at the least"),
        Column("high", pl.Float64, "to below here; the last bin holds its end, 0"),
        Column("images", pl.Int64, "attacked images in the bin"),
    ),
)

CALIBRATION = Table(
    "calibration",
    ("check", "quantity"),
    (
        Column("check", pl.String, "planted truth, and P(background tells the class)"),
        Column("quantity", pl.String, "column, direction and share of the score table"),
        Column("expected", pl.Float64, "what the planted truth fixes"),
        Column("low", pl.Float64, "limits that a sound instrument keeps, both included"),
        Column("high", pl.Float64, ""),
        Column("measured", pl.Float64, "", nullable=True),
        Column("verdict", pl.String, "pass or fail"),
    ),
)
