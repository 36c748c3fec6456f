package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	ciliumk8s "github.com/cilium/cilium/pkg/k8s"
	slim "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/types"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
	clusterv1alpha2 "sigs.k8s.io/network-policy-api/apis/v1alpha2"
)

const clusterName = "default"

type ciliumOracle struct {
	logger     *slog.Logger
	manager    identitymanager.IDManager
	repository *policy.Repository
	identities map[string]*identity.Identity
	ports      map[string][]Port
}

func newCilium(cluster Cluster, logger *slog.Logger) (*ciliumOracle, error) {
	option.Config.EnableSCTP = true
	identities, ports := map[string]*identity.Identity{}, map[string][]Port{}
	names := ciliumtypes.NewNamedPortMultiMap()
	for index, pod := range cluster.Pods {
		id := identity.NumericIdentity(1000 + index)
		identities[pod.IP] = identity.NewIdentityFromLabelArray(id, labelsOf(pod, cluster.Namespaces[pod.Namespace]))
		ports[pod.IP] = pod.Ports
		for _, port := range pod.Ports {
			if protocol, err := u8proto.ParseProtocol(port.Protocol); err == nil && port.Name != "" {
				one := ciliumtypes.PortProto{Proto: protocol, Port: uint16(port.Port)}
				names.Update(id, nil, ciliumtypes.NamedPortMap{port.Name: one})
			}
		}
	}
	for _, question := range cluster.Questions {
		for _, address := range []string{question.From, question.To} {
			if _, isKnown := identities[address]; isKnown {
				continue
			}
			ip, err := netip.ParseAddr(address)
			if err != nil {
				return nil, err
			}
			id := identity.IdentityScopeLocal + identity.NumericIdentity(len(identities)+1)
			array := labels.GetCIDRLabels(netip.PrefixFrom(ip, ip.BitLen())).LabelArray()
			identities[address] = identity.NewIdentityFromLabelArray(id, array)
		}
	}
	known := identity.IdentityMap{}
	for _, one := range identities {
		known[one.ID] = one.LabelArray
	}
	manager := identitymanager.NewIDManager(logger)
	repository := policy.NewPolicyRepository(logger, known, nil, nil, manager, testpolicy.NewPolicyMetricsNoop())
	repository.GetSelectorCache().SetLocalIdentityNotifier(testidentity.NewDummyIdentityNotifier())
	repository.SetNamedPortsGetter(portNames{names})
	manager.Subscribe(testpolicy.SelectorCacheObserver{Cache: repository.GetSubjectSelectorCache()})
	for _, raw := range cluster.Policies {
		own := &slim.NetworkPolicy{}
		if err := json.Unmarshal(raw, own); err != nil {
			return nil, err
		}
		withoutIdleRules(own)
		rules, err := ciliumk8s.ParseNetworkPolicy(logger, clusterName, own)
		if err != nil {
			return nil, fmt.Errorf("NetworkPolicy %s/%s: %w", own.Namespace, own.Name, err)
		}
		repository.MustAddPolicyEntries(rules)
	}
	if err := addClusterPolicies(logger, repository, cluster.ClusterPolicies); err != nil {
		return nil, err
	}
	return &ciliumOracle{logger, manager, repository, identities, ports}, nil
}

// addClusterPolicies adds the cluster-wide policies of the kind that this implementation knows.
func addClusterPolicies(logger *slog.Logger, repository *policy.Repository, list []json.RawMessage) error {
	for _, raw := range list {
		own := &clusterv1alpha2.ClusterNetworkPolicy{}
		if err := json.Unmarshal(raw, own); err != nil {
			return err
		}
		if own.Kind != "ClusterNetworkPolicy" {
			continue
		}
		rules, err := ciliumk8s.ParseClusterNetworkPolicy(logger, clusterName, own)
		if err != nil {
			return fmt.Errorf("ClusterNetworkPolicy %s: %w", own.Name, err)
		}
		repository.MustAddPolicyEntries(rules)
	}
	return nil
}

// withoutIdleRules takes out the rules of a direction that policyTypes does not name. Kubernetes ignores them; Cilium
// reads them as if the direction were named, which is its own deviation and no question about the model.
func withoutIdleRules(own *slim.NetworkPolicy) {
	if !slices.Contains(own.Spec.PolicyTypes, slim.PolicyTypeIngress) {
		own.Spec.Ingress = nil
	}
	if !slices.Contains(own.Spec.PolicyTypes, slim.PolicyTypeEgress) {
		own.Spec.Egress = nil
	}
}

func labelsOf(pod Pod, namespaceLabels map[string]string) labels.LabelArray {
	array := labels.LabelArray{
		labels.NewLabel("io.kubernetes.pod.namespace", pod.Namespace, labels.LabelSourceK8s),
		labels.NewLabel("io.cilium.k8s.policy.cluster", clusterName, labels.LabelSourceK8s),
	}
	for key, value := range namespaceLabels {
		key = "io.cilium.k8s.namespace.labels." + key
		array = append(array, labels.NewLabel(key, value, labels.LabelSourceK8s))
	}
	for key, value := range pod.Labels {
		array = append(array, labels.NewLabel(key, value, labels.LabelSourceK8s))
	}
	return array.Sort()
}

func (c *ciliumOracle) allows(question Question) (bool, error) {
	protocol, err := u8proto.ParseProtocol(question.Protocol)
	if err != nil {
		return false, err
	}
	flow := types.Flow{
		From:          c.identities[question.From],
		To:            c.identities[question.To],
		Proto:         protocol,
		Dport:         uint16(question.Port),
		NamedPortsTCP: named(c.ports[question.To], "TCP"),
		NamedPortsUDP: named(c.ports[question.To], "UDP"),
	}
	verdict, _, _, err := policy.LookupFlow(c.logger, c.repository, c.manager, flow)
	if err != nil {
		return false, err
	}
	// What is outside has no policies of its own.
	egress := verdict.Egress == types.DecisionAllowed || !c.isPod(question.From)
	ingress := verdict.Ingress == types.DecisionAllowed || !c.isPod(question.To)
	return egress && ingress, nil
}

func (c *ciliumOracle) isPod(address string) bool {
	_, is := c.ports[address]
	return is
}

// portNames tells the engine which numbers names stand for on the destinations of egress rules.
type portNames struct {
	ciliumtypes.NamedPortMultiMap
}

// GetNamedPorts is what the engine asks for.
func (p portNames) GetNamedPorts() ciliumtypes.NamedPortMultiMap {
	return p.NamedPortMultiMap
}

func named(ports []Port, protocol string) map[string]uint16 {
	result := map[string]uint16{}
	for _, port := range ports {
		if port.Protocol == protocol && port.Name != "" {
			result[port.Name] = uint16(port.Port)
		}
	}
	return result
}
