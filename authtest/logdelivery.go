package authtest

import (
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// A logConfiguration says where the service would send events of a pool. The
// pool sends none: it is kept and described.
type logConfiguration struct {
	LogLevel                    string          `aws:"LogLevel,LogLevel,required"`
	EventSource                 string          `aws:"EventSource,EventSource,required"`
	CloudWatchLogsConfiguration *cloudWatchLogs `aws:"CloudWatchLogsConfiguration" json:",omitempty"`
	S3Configuration             *logBucket      `aws:"S3Configuration" json:",omitempty"`
	FirehoseConfiguration       *logStream      `aws:"FirehoseConfiguration" json:",omitempty"`
}

type cloudWatchLogs struct {
	LogGroupArn string `aws:"LogGroupArn,Arn" json:",omitempty"`
}

type logBucket struct {
	BucketArn string `aws:"BucketArn,S3Arn" json:",omitempty"`
}

type logStream struct {
	StreamArn string `aws:"StreamArn,Arn" json:",omitempty"`
}

const sourceNotification = "userNotification"

type setLogDeliveryRequest struct {
	UserPoolID        string             `aws:"UserPoolId,UserPoolId,required"`
	LogConfigurations []logConfiguration `aws:"LogConfigurations,LogConfigurations,required"`
}

type logDeliveryResponse struct {
	LogDeliveryConfiguration logDelivery
}

type logDelivery struct {
	UserPoolID        string `json:"UserPoolId"`
	LogConfigurations []logConfiguration
}

func (p *Pool) describeLogDelivery() *logDeliveryResponse {
	return &logDeliveryResponse{logDelivery{p.cfg.PoolID, append([]logConfiguration{}, p.logDelivery...)}}
}

// setLogDeliveryConfiguration replaces the configurations.
func setLogDeliveryConfiguration(c *call, r *setLogDeliveryRequest) (*logDeliveryResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	for i, l := range r.LogConfigurations {
		if slices.ContainsFunc(r.LogConfigurations[:i], func(other logConfiguration) bool { return other.EventSource == l.EventSource }) {
			return nil, invalidParameter(msgLogSourceTwice)
		}
		if err := c.pool.checkLogs(&l); err != nil {
			return nil, err
		}
	}
	c.pool.logDelivery = r.LogConfigurations
	return c.pool.describeLogDelivery(), nil
}

// checkLogs refuses what no source has, as documented: messages have errors,
// for a log group, and sign-ins, which the best tier tells of, information for
// one place of any kind.
func (p *Pool) checkLogs(l *logConfiguration) *apiError {
	if l.EventSource != sourceNotification && p.settings.UserPoolTier != tierPlus {
		return fail(wire.ExceptionFeatureUnavailableInTier, msgTierLogs)
	}
	places := 0
	for _, there := range []bool{l.CloudWatchLogsConfiguration != nil, l.S3Configuration != nil, l.FirehoseConfiguration != nil} {
		if there {
			places++
		}
	}
	level := "INFO"
	if l.EventSource == sourceNotification {
		level = "ERROR"
	}
	if l.LogLevel != level || places != 1 || l.EventSource == sourceNotification && l.CloudWatchLogsConfiguration == nil {
		return invalidParameter(msgLogConfiguration)
	}
	return nil
}

type getLogDeliveryRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
}

func getLogDeliveryConfiguration(c *call, r *getLogDeliveryRequest) (*logDeliveryResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	return c.pool.describeLogDelivery(), nil
}
