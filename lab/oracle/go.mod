module mesh-tracing/lab/oracle

go 1.26.0

require (
	github.com/cilium/cilium v1.20.2
	k8s.io/api v0.36.4
	k8s.io/apimachinery v0.36.4
	k8s.io/client-go v0.36.4
	sigs.k8s.io/kube-network-policies v0.8.0
	sigs.k8s.io/network-policy-api v0.2.0
)
