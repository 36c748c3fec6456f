package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	_ "unsafe" // for the linkname below

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
	adminv1alpha1 "sigs.k8s.io/network-policy-api/apis/v1alpha1"
	adminfake "sigs.k8s.io/network-policy-api/pkg/client/clientset/versioned/fake"
	admininformers "sigs.k8s.io/network-policy-api/pkg/client/informers/externalversions"
)

// packet is what kube-network-policies reads from a packet: same fields, same order.
type packet struct {
	id      uint32
	family  corev1.IPFamily
	srcIP   net.IP
	dstIP   net.IP
	proto   corev1.Protocol
	srcPort int
	dstPort int
	payload []byte
}

// The verdict on a packet is not exported.
//
//go:linkname evaluatePacket sigs.k8s.io/kube-network-policies/pkg/networkpolicy.(*Controller).evaluatePacket
func evaluatePacket(c *networkpolicy.Controller, ctx context.Context, p packet) bool

type kubeOracle struct {
	controller                 *networkpolicy.Controller
	pods, namespaces, policies cache.Indexer
	admin, baseline            cache.Indexer
}

func newKube() (*kubeOracle, error) {
	client := fake.NewClientset()
	factory := informers.NewSharedInformerFactory(client, 0)
	policies := factory.Networking().V1().NetworkPolicies()
	namespaces := factory.Core().V1().Namespaces()
	pods := factory.Core().V1().Pods()
	nodes := factory.Core().V1().Nodes()
	adminClient := adminfake.NewClientset()
	wide := admininformers.NewSharedInformerFactory(adminClient, 0).Policy().V1alpha1()
	admin, baseline := wide.AdminNetworkPolicies(), wide.BaselineAdminNetworkPolicies()
	config := networkpolicy.Config{NodeName: "none", AdminNetworkPolicy: true, BaselineAdminNetworkPolicy: true}
	controller, err := networkpolicy.NewController(
		client, policies, namespaces, pods, nodes, adminClient, admin, baseline, config)
	if err != nil {
		return nil, err
	}
	return &kubeOracle{
		controller: controller,
		pods:       pods.Informer().GetIndexer(),
		namespaces: namespaces.Informer().GetIndexer(),
		policies:   policies.Informer().GetIndexer(),
		admin:      admin.Informer().GetIndexer(),
		baseline:   baseline.Informer().GetIndexer(),
	}, nil
}

func (k *kubeOracle) load(cluster Cluster, policies []*networkingv1.NetworkPolicy) error {
	var namespaces, pods, all []any
	for name, labels := range cluster.Namespaces {
		namespaces = append(namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}})
	}
	for _, pod := range cluster.Pods {
		pods = append(pods, podOf(pod))
	}
	for _, policy := range policies {
		// Objects come from the API server, in whose form an empty list is none.
		if len(policy.Spec.Ingress) == 0 {
			policy.Spec.Ingress = nil
		}
		if len(policy.Spec.Egress) == 0 {
			policy.Spec.Egress = nil
		}
		all = append(all, policy)
	}
	admin, baseline, err := adminPolicies(cluster.ClusterPolicies)
	if err != nil {
		return err
	}
	for indexer, list := range map[cache.Indexer][]any{
		k.namespaces: namespaces, k.pods: pods, k.policies: all, k.admin: admin, k.baseline: baseline,
	} {
		if err := indexer.Replace(list, ""); err != nil {
			return err
		}
	}
	return nil
}

// adminPolicies reads those cluster-wide policies that this implementation knows.
func adminPolicies(list []json.RawMessage) (admin, baseline []any, err error) {
	for _, raw := range list {
		var kind metav1.TypeMeta
		if err := json.Unmarshal(raw, &kind); err != nil {
			return nil, nil, err
		}
		switch kind.Kind {
		case "AdminNetworkPolicy":
			own := &adminv1alpha1.AdminNetworkPolicy{}
			if err := json.Unmarshal(raw, own); err != nil {
				return nil, nil, fmt.Errorf("AdminNetworkPolicy: %w", err)
			}
			admin = append(admin, own)
		case "BaselineAdminNetworkPolicy":
			own := &adminv1alpha1.BaselineAdminNetworkPolicy{}
			if err := json.Unmarshal(raw, own); err != nil {
				return nil, nil, fmt.Errorf("BaselineAdminNetworkPolicy: %w", err)
			}
			baseline = append(baseline, own)
		}
	}
	return admin, baseline, nil
}

func podOf(pod Pod) *corev1.Pod {
	container := corev1.Container{Name: "main"}
	for _, port := range pod.Ports {
		container.Ports = append(container.Ports, corev1.ContainerPort{
			Name: port.Name, ContainerPort: port.Port, Protocol: corev1.Protocol(port.Protocol),
		})
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, Labels: pod.Labels},
		Spec:       corev1.PodSpec{NodeName: "node", Containers: []corev1.Container{container}},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: pod.IP, PodIPs: []corev1.PodIP{{IP: pod.IP}},
		},
	}
}

func (k *kubeOracle) allows(question Question) bool {
	return evaluatePacket(k.controller, context.Background(), packet{
		family: corev1.IPv4Protocol,
		srcIP:  net.ParseIP(question.From),
		dstIP:  net.ParseIP(question.To),
		proto:  corev1.Protocol(question.Protocol),
		// A client's port, which no policy of these clusters names.
		srcPort: 54321,
		dstPort: question.Port,
	})
}
