package authtest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

const (
	logGroupARN = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/people"
	bucketARN   = "arn:aws:s3:::people-logs"
	streamARN   = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/people"
)

func TestLogDelivery(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	essentials := createPool(t, client, &cip.CreateUserPoolInput{})
	plus := createPool(t, client, &cip.CreateUserPoolInput{UserPoolTier: types.UserPoolTierTypePlus})
	get := func(pool *string) *types.LogDeliveryConfigurationType {
		t.Helper()
		return must[cip.GetLogDeliveryConfigurationOutput](t)(client.GetLogDeliveryConfiguration(t.Context(), &cip.GetLogDeliveryConfigurationInput{UserPoolId: pool})).LogDeliveryConfiguration
	}
	set := func(pool *string, configurations ...types.LogConfigurationType) (*cip.SetLogDeliveryConfigurationOutput, error) {
		return client.SetLogDeliveryConfiguration(t.Context(), &cip.SetLogDeliveryConfigurationInput{
			UserPoolId: pool, LogConfigurations: append([]types.LogConfigurationType{}, configurations...),
		})
	}
	same := func(name string, pool *string, got *types.LogDeliveryConfigurationType, configurations ...types.LogConfigurationType) {
		t.Helper()
		want := &types.LogDeliveryConfigurationType{UserPoolId: pool, LogConfigurations: append([]types.LogConfigurationType{}, configurations...)}
		if diff := cmp.Diff(want, got, ignoreMarkers()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	group := &types.CloudWatchLogsConfigurationType{LogGroupArn: aws.String(logGroupARN)}
	bucket := &types.S3ConfigurationType{BucketArn: aws.String(bucketARN)}
	stream := &types.FirehoseConfigurationType{StreamArn: aws.String(streamARN)}
	messages := types.LogConfigurationType{EventSource: "userNotification", LogLevel: "ERROR", CloudWatchLogsConfiguration: group}
	sent := func(l types.LogConfigurationType) types.LogConfigurationType {
		l.EventSource, l.LogLevel = "userAuthEvents", "INFO"
		return l
	}

	same("nothing set", essentials.Id, get(essentials.Id))
	same("set", essentials.Id, must[cip.SetLogDeliveryConfigurationOutput](t)(set(essentials.Id, messages)).LogDeliveryConfiguration, messages)
	same("described", essentials.Id, get(essentials.Id), messages)
	same("another pool", plus.Id, get(plus.Id))
	for _, signIns := range []types.LogConfigurationType{{CloudWatchLogsConfiguration: group}, {S3Configuration: bucket}, {FirehoseConfiguration: stream}} {
		signIns = sent(signIns)
		must[cip.SetLogDeliveryConfigurationOutput](t)(set(plus.Id, signIns, messages))
		same("both", plus.Id, get(plus.Id), signIns, messages)
	}
	must[cip.SetLogDeliveryConfigurationOutput](t)(set(plus.Id))
	same("taken away", plus.Id, get(plus.Id))

	for _, tt := range []struct {
		name           string
		pool           *string
		configurations []types.LogConfigurationType
		code, message  string
	}{
		{"of a lower tier", essentials.Id, []types.LogConfigurationType{sent(types.LogConfigurationType{S3Configuration: bucket})}, "FeatureUnavailableInTierException", msgTierLogs},
		{"twice", plus.Id, []types.LogConfigurationType{messages, messages}, invalid, msgLogSourceTwice},
		{"messages to a bucket", plus.Id, []types.LogConfigurationType{{EventSource: "userNotification", LogLevel: "ERROR", S3Configuration: bucket}}, invalid, msgLogConfiguration},
		{"messages of another level", plus.Id, []types.LogConfigurationType{{EventSource: "userNotification", LogLevel: "INFO", CloudWatchLogsConfiguration: group}}, invalid, msgLogConfiguration},
		{"nowhere", plus.Id, []types.LogConfigurationType{sent(types.LogConfigurationType{})}, invalid, msgLogConfiguration},
		{"to two places", plus.Id, []types.LogConfigurationType{sent(types.LogConfigurationType{S3Configuration: bucket, FirehoseConfiguration: stream})}, invalid, msgLogConfiguration},
		{"three", plus.Id, []types.LogConfigurationType{messages, messages, messages}, invalid,
			"1 validation error detected: Value at 'logConfigurations' failed to satisfy constraint: Member must have length less than or equal to 2"},
		{"another source", plus.Id, []types.LogConfigurationType{{EventSource: "users", LogLevel: "INFO"}}, invalid,
			"1 validation error detected: Value 'users' at 'logConfigurations.1.member.eventSource' failed to satisfy constraint: Member must satisfy enum value set: [userNotification, userAuthEvents]"},
		{"a bucket that is none", plus.Id, []types.LogConfigurationType{sent(types.LogConfigurationType{S3Configuration: &types.S3ConfigurationType{BucketArn: aws.String("people")}})}, invalid,
			`1 validation error detected: Value 'people' at 'logConfigurations.1.member.s3Configuration.bucketArn' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: arn:[\w+=/,.@-]+:[\w+=/,.@-]+:::[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?`},
		{"no pool", aws.String("eu-west-1_other"), nil, notFound, "User pool eu-west-1_other does not exist."},
	} {
		_, err := set(tt.pool, tt.configurations...)
		refused(t, err, tt.code, tt.message)
	}
	same("after refusals", plus.Id, get(plus.Id))
	same("after refusals", essentials.Id, get(essentials.Id), messages)
}
