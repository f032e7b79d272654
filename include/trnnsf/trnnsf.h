/** \file trnnsf.h
 * Everything: neural networks to memristive crossbars.
 *
 *     dataset ─┐                        ┌─> cost (area, energy, latency)
 *     network ─┼─ run ─> network ─ map ─┼─> report (JSON, figures)
 *     schedule ┘ (train, prune,   ^     └─> mapping file
 *     tech ───── cluster, retrain)┘
 */
#ifndef TRNNSF_TRNNSF_H
#define TRNNSF_TRNNSF_H

#include <trnnsf/analog.h>
#include <trnnsf/backend.h>
#include <trnnsf/cluster.h>
#include <trnnsf/context.h>
#include <trnnsf/cost.h>
#include <trnnsf/dataset.h>
#include <trnnsf/mapping.h>
#include <trnnsf/matrix.h>
#include <trnnsf/graph.h>
#include <trnnsf/network.h>
#include <trnnsf/nir.h>
#include <trnnsf/onnx.h>
#include <trnnsf/pack.h>
#include <trnnsf/plot.h>
#include <trnnsf/remap.h>
#include <trnnsf/reorder.h>
#include <trnnsf/report.h>
#include <trnnsf/run.h>
#include <trnnsf/schedule.h>
#include <trnnsf/search.h>
#include <trnnsf/spiking.h>
#include <trnnsf/status.h>
#include <trnnsf/tech.h>
#include <trnnsf/tile.h>
#include <trnnsf/trainer.h>
#include <trnnsf/wires.h>

#endif
