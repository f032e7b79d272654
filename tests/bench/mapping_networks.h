/* Convolutional networks of the literature, with random weights. */
#ifndef BENCH_MAPPING_NETWORKS_H
#define BENCH_MAPPING_NETWORKS_H

#include <trnnsf/trnnsf.h>

/* LeNet: 6c5-2s-16c5-2s-120-84-10 on 1 x 28 x 28, its first convolution padded by 2 (LeCun et al.
 * 1998). */
trnnsf_network *make_lenet(trnnsf_context *ctx);
/* 64-64-P-128-128-P-256-256-P-1024-10 on 3 x 32 x 32, 3 x 3 convolutions with batch norms: eight
 * layers. */
trnnsf_network *make_vgg8(trnnsf_context *ctx);
/* MobileNetV2 of 3 x 32 x 32: the table of Sandler et al. 2018 with strides 1 in the first two
 * places. */
trnnsf_network *make_mobilenet(trnnsf_context *ctx);
/* ResNet-18 of 3 x 224 x 224 and 1000 classes (He et al. 2016), 11.7 million weights. */
trnnsf_network *make_resnet18(trnnsf_context *ctx);

#endif
